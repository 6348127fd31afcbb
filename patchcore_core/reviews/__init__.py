"""What reviewers write: verdicts and saved views, in one file of the store."""
