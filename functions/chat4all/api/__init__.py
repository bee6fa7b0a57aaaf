"""What the public API does, by whichever door a request comes in.

    http_api ─┐
              ├─▶ api ─▶ bootstrap ─▶ use cases
    gRPC ─────┘

A door decodes, calls one of these functions, and encodes what it answers or raises. One module for
each resource: who asks comes first, then what was validated; they give views, and know of no door.
`access` is the table of who may call what, `admission` holds a caller to it.
"""
