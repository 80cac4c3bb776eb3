"""The one door: every call to the service goes through here, judged, journaled, and where needed decided."""
