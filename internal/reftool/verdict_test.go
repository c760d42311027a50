package reftool

import "testing"

// The logs are cut down from runs of Debian's swupdate 2022.12.
const (
	logGood = `[TRACE] : SWUPDATE running :  [swupdate_verify_file] : Verified OK
[INFO ] : SWUPDATE successful ! SWUPDATE successful !
[INFO ] : SWUPDATE running :  [endupdate] : SWUpdate was successful !
`
	logHardware = `[ERROR] : SWUPDATE failed [0] ERROR : SW not compatible with hardware
[ERROR] : SWUPDATE failed [1] Image invalid or corrupted. Not installing ...
[ERROR] : SWUPDATE failed [0] ERROR : SWUpdate *failed* !
`
	logSource = `[ERROR] : SWUPDATE failed [0] ERROR core/parser.c : parse : 12 : Compatible SW not found
[ERROR] : SWUPDATE failed [0] ERROR corelib/server_utils.c : parse_it : 99 : key 3: wrong : value
[ERROR] : SWUPDATE failed [1] Image invalid or corrupted. Not installing ...
`
	logEarly = `[INFO ] : SWUPDATE running :  [endupdate] : SWUpdate was successful !
[ERROR] : SWUPDATE failed [0] ERROR : /tmp/x/sw-description.sig cannot be opened
[ERROR] : SWUPDATE failed [1] Image invalid or corrupted. Not installing ...
`
	logLate = `[ERROR] : SWUPDATE failed [1] Image invalid or corrupted. Not installing ...
[INFO ] : SWUPDATE running :  [endupdate] : SWUpdate was successful !
`
	logNothing = `[TRACE] : SWUPDATE running :  [network_initializer] : Main loop daemon
[INFO ] : SWUPDATE running :  [endupdate] : SWUpdate was successful !
`
	logCrowded = `Error binding notifier socket: Address already in use
[ERROR] : SWUPDATE failed [1] Image invalid or corrupted. Not installing ...
`
	logArgument = `SWUpdate v2022.12
Error: Signed images need a public key
`
)

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		log    string
		want   opinion
		reason string
	}{
		{logGood, accepted, ""},
		{logHardware, refused, "SW not compatible with hardware"},
		{logSource, refused, "key 3: wrong : value"},
		{logEarly, doubtful, "/tmp/x/sw-description.sig cannot be opened"},
		{logLate, refused, "no reason in the log"},
		{logNothing, unclear, ""},
		{logCrowded, crowded, ""},
		{logArgument, refused, "Error: Signed images need a public key"},
		{"", unclear, ""},
	} {
		if got := judge(test.log); got != test.want {
			t.Errorf("opinion %d, want %d of\n%s", got, test.want, test.log)
		}
		if test.reason == "" {
			continue
		}
		if got := reason(test.log); got != test.reason {
			t.Errorf("reason %q, want %q", got, test.reason)
		}
	}
}
