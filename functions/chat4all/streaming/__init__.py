"""The log of events as it is written: for streams, which are behind it by a moment and not by five
seconds."""
