"""The sandbox platform: a real HTTP server that obeys, counts what it did, and misbehaves when told to."""
