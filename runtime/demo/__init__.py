"""`cauce demo`: a whole system in a temporary folder lives a story of months in under a minute.

`script` reads the story's file, `system` starts the programs, `pace` keeps business time, `player` plays
everybody's part over the public HTTP API (`house`), `watcher` sees what came of it, `teller` prints it,
`stage` joins them, `show` is all of it together.
"""
