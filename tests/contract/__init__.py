"""One suite per port, over every adapter: the fakes, moto, and the emulator on a real port."""
