"""What more than one suite needs: shims of what an imitation of AWS lacks, and meters."""
