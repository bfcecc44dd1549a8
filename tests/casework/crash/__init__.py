"""What a crash may do to the records: nothing that was acknowledged is lost, nothing is there twice or by half."""
