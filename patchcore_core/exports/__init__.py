"""Tables and pictures to take away, of images of a run and of newly scored ones.

pictures  the files of one scored photo                  of_run   chosen images of a run as a CSV table or a ZIP
coco      predicted regions as COCO JSON
table     CSV without formulas   archive  ZIP, streamed   names    names of files that any system takes
"""
