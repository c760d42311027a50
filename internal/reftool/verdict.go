package reftool

import (
	"regexp"
	"strings"
)

// opinion is what one run's log tells.
type opinion int

const (
	unclear  opinion = iota // nothing: the client ended before it had begun
	accepted                // the installer says that it is done
	refused                 // something says that it failed
	doubtful                // a failure, but the client was on its way out by then
	crowded                 // no socket was free, so that nothing was tried
)

const (
	// success is the installer's own report.
	success = "SWUPDATE successful !"
	// farewell is the main thread's report. It also stands in logs of failures,
	// and where it comes before the installer has begun it takes the ground
	// from under it: what fails after that proves nothing.
	farewell = "SWUpdate was successful !"
	// noSocket appears where too many clients run.
	noSocket = "Error binding notifier socket"
)

var (
	// failure matches every report of one that SWUpdate 2022.12 gives, the
	// lines about unusable arguments among them.
	failure = regexp.MustCompile(`(?m)Installation failed|Image invalid or corrupted|Error happened|` +
		`^Error:|Unable to open|not contain a valid AES|Keys are invalid`)

	// errorLine takes the message out of a line of the log's error level. The
	// place in the source stands before it in some of them.
	errorLine = regexp.MustCompile(`(?m)^\[ERROR\] : .*? failed \[\d+\] (?:ERROR )?(?:: |\S+ : \S+ : \d+ : )?(.*)$`)

	// consequence matches errors that only follow from another one.
	consequence = regexp.MustCompile(`SWUpdate \*failed|Not installing|Installation failed|` +
		`Compatible SW not found|no parser available|JSON File corrupted|CPIO HEADER$`)

	// bareLine matches errors that are printed past the log.
	bareLine = regexp.MustCompile(`(?m)^(?:Error:|.*(?:Keys are invalid|not in the format|syntax error|` +
		`duplicate setting name|unterminated|description file name not the first|cannot be opened|Unable to open)).*$`)
)

// judge reads the log of one run.
func judge(log string) opinion {
	failed := failure.FindStringIndex(log)
	switch {
	case strings.Contains(log, success):
		return accepted
	case strings.Contains(log, noSocket):
		return crowded
	case failed == nil:
		return unclear
	case strings.Contains(log[:failed[0]], farewell):
		return doubtful
	}
	return refused
}

// reason returns the first error of a log that is not the consequence of
// another one.
func reason(log string) string {
	for _, match := range errorLine.FindAllStringSubmatch(log, -1) {
		if !consequence.MatchString(match[1]) {
			return match[1]
		}
	}
	if line := bareLine.FindString(log); line != "" {
		return line
	}
	return "no reason in the log"
}
