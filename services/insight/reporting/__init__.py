"""Reports whose numbers of people are the counts of trees: every number opens as a segment."""
