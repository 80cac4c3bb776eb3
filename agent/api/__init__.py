"""What the PostSyncer service is: one declaration per operation, one file per resource."""
