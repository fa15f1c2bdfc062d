"""Studies on the site: upload, map columns, check, run in the background, look at the report, publish."""
