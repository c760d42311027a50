package zephyr

import (
	"regexp"

	"github.com/fwpack/fwpack/internal/diag"
)

// The lines of what NCS' Partition Manager leaves for others
// (scripts/partition_manager_output.py in sdk-nrf): PM_NAME=VALUE in pm.config,
// and as a macro in pm_config.h. Values are numbers, or names with or without
// quotes.
var (
	pmAssignment = regexp.MustCompile(`^(PM_\w+)=(.*)$`)
	pmMacro      = regexp.MustCompile(`^#define\s+(PM_\w+)\s+(.*)$`)
	pmOther      = regexp.MustCompile(`^(/\*.*\*/|#ifndef .*|#define \w+|#endif.*|)$`)
)

// parsePartitions reads a pm.config or a pm_config.h. Its errors are all lines
// that are none of one, and symbols that stand there twice.
func parsePartitions(file string, src []byte) (*config, error) {
	c := &config{file: file, symbols: map[string]symbol{}}
	var problems diag.List
	for pos, line := range numbered(file, src) {
		match := pmAssignment.FindStringSubmatch(line)
		if match == nil {
			match = pmMacro.FindStringSubmatch(line)
		}
		if match != nil {
			c.add(symbol{name: match[1], value: unquote(match[2]), pos: pos}, &problems)
		} else if !pmOther.MatchString(line) {
			problems.Addf(pos, "%.60q: want PM_NAME=VALUE, or #define PM_NAME VALUE", line)
		}
	}
	return c, problems.Err()
}
