import sys

from mentoring.stack.up import main

main(sys.argv[1:])
