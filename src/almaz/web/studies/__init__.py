"""Studies made on the site: upload, map the columns, check, run in the background, publish the edition."""
