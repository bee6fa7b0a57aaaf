"""Who may do what, how often, and what is written down of it.

rules            what an operation asks of its caller
client, clients  programs that may call the API
standing         is a client still what its token says?
tokens, oidc     access tokens: ours, and an outside issuer's
refresh_*        refresh tokens of users' apps
limits           how many requests pass in a minute
audit            the trail
"""
