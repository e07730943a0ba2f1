# Each target does its own set-up; scripts/ holds one small file for each step.
.PHONY: help setup demo test check bench serve engine pages clean

help:
	@echo "make demo    hold the model conference with synthetic venues and print its addresses"
	@echo "make test    every check and every test"
	@echo "make check   formatters, linters, types, licences; no tests of behaviour but the pages'"
	@echo "make bench   print the tables of bench/"
	@echo "make setup   leave a ready .venv/bin/podium"
	@echo "make serve   run a server on this machine, data in ./data"
	@echo "make clean   forget what was built (keeps ./data)"

setup:
	@scripts/setup.sh

demo:
	@scripts/demo.sh $(ARGS)

test:
	@scripts/test.sh $(ARGS)

check:
	@scripts/check.sh

bench:
	@scripts/bench.sh $(ARGS)

serve: setup
	@.venv/bin/podium serve $(ARGS)

engine:
	@scripts/packages.sh build && scripts/python.sh run && scripts/engine.sh release

pages:
	@scripts/pages.sh

clean:
	rm -rf .venv .cache engine/target web/node_modules src/podium/web/static
	rm -f src/podium/media/_engine*.so
