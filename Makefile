# heddle: `make` builds, `make demo` shows, `make test` checks.  Meson does the work.
BUILD = build
TESTS = build-test
TSAN = build-tsan

.PHONY: all demo test test-fast deps install clean

all: $(BUILD)/.sources
	@ninja -C $(BUILD)

deps:
	@sh scripts/install_deps.sh

demo: deps
	@$(MAKE) --no-print-directory all
	@sh scripts/demo.sh $(BUILD)/heddle

test: deps
	@$(MAKE) --no-print-directory $(TESTS)/.sources $(TSAN)/.sources
	@ninja -C $(TESTS)
	@ninja -C $(TSAN) tests_api_test_concurrent tests_base_test_threads tests_network_test_plan
	@meson test -C $(TSAN) --no-rebuild --print-errorlogs tests/api/test_concurrent tests/base/test_threads \
	    tests/network/test_plan
	@sh scripts/run_tests.sh $(TESTS)

test-fast: deps
	@$(MAKE) --no-print-directory $(TESTS)/.sources
	@ninja -C $(TESTS)
	@sh scripts/run_tests.sh $(TESTS) --suite fast

# Configure once, and again whenever a C file has come or gone.
$(BUILD)/.sources: FORCE
	@sh scripts/configure.sh $(BUILD) -Dtests=disabled

$(TESTS)/.sources: FORCE
	@sh scripts/configure.sh $(TESTS) -Dbuildtype=plain -Doptimization=1 -Ddebug=true -Db_ndebug=false \
	    -Db_sanitize=address,undefined -Db_lundef=false -Dtests=enabled -Dbench=false

$(TSAN)/.sources: FORCE
	@sh scripts/configure.sh $(TSAN) -Dbuildtype=plain -Doptimization=1 -Ddebug=true -Db_ndebug=false -Db_sanitize=thread \
	    -Db_lundef=false -Dtests=enabled -Dbench=false

install: all
	@meson install -C $(BUILD)

clean:
	rm -rf $(BUILD) $(TESTS) $(TSAN) build-fuzz

FORCE:
