package deltafile

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/swutest"
	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/forecast"
)

// server serves a file in ranges, and counts.
type server struct {
	*httptest.Server
	requests atomic.Int64
	sent     atomic.Int64 // bytes of bodies
}

func serve(t *testing.T, file []byte) *server {
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		http.ServeContent(&counted{w, &s.sent}, r, "", time.Time{}, bytes.NewReader(file))
	}))
	t.Cleanup(s.Close)
	return s
}

type counted struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c *counted) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return c.ResponseWriter.Write(p)
}

// The sums that the client tells before it begins, in bytes.
var (
	toDownload = regexp.MustCompile(`Total bytes to be downloaded : +(\d+)`)
	toReuse    = regexp.MustCompile(`Total bytes to be reused +: +(\d+)`)
)

// A device does what the forecast says: as many requests, as many bytes, and in
// the end it has the image.
func TestConformanceForecast(t *testing.T) {
	reftool.Need(t, "swupdate")
	for name, test := range map[string]struct {
		options   CreateOptions
		maxRanges int
	}{
		"default":     {CreateOptions{}, 0},
		"one range":   {CreateOptions{Level: zck.LevelFastest}, 1},
		"two ranges":  {CreateOptions{}, 2},
		"with a base": {CreateOptions{Bases: []string{"old"}}, 10},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			old, image := f.pair()
			if len(test.options.Bases) > 0 {
				test.options.Bases = []string{old}
			}
			test.options.Header = f.path("header")
			file := f.create(image, "new.zck", test.options)
			client := forecast.Client{MaxRanges: test.maxRanges, Old: forecast.AgeOf(2022, 12)}
			told := forecastOf(t, ForecastOptions{New: file, From: []string{old}, Client: client})
			install(t, f, test.maxRanges, &told.Bases[0].Zchunk)
		})
	}
}

// install has the client install new.zck over old, and compares what it fetches.
func install(t *testing.T, f folder, maxRanges int, told *forecast.Download) {
	t.Helper()
	s := serve(t, f.read("new.zck"))
	target := f.write("target", nil)
	ranges := ""
	if maxRanges > 0 {
		ranges = fmt.Sprintf("max-ranges = \"%d\";", maxRanges)
	}
	text := fmt.Sprintf(`software = {
	version = "1";
	hardware-compatibility: [ "1.0" ];
	images: ( { filename = "header"; type = "delta"; device = %q; sha256 = "%s"; properties: {
		url = "%s/new.zck"; source = %q; chain = "raw"; source-size = "%d"; %s zckloglevel = "error"; }; } );
};
`, target, hexSum(f.read("header")), s.URL, f.path("old"), len(f.read("old")), ranges)
	bundle := swutest.Write(t, keys, text, swutest.Member{Name: "header", Data: string(f.read("header"))})
	verdict := reftool.Client{Cert: keys + "/" + swutest.Certificate}.Install(t, bundle)
	if !verdict.Accepted {
		t.Fatalf("%s\n%s", verdict.Reason, verdict.Log)
	}
	image := f.read("new")
	if got := f.read("target"); len(got) < len(image) || !bytes.Equal(got[:len(image)], image) {
		t.Errorf("%d bytes were installed, not the %d of the image", len(got), len(image))
	}
	compareTold(t, s, verdict.Log, int64(len(image)), told)
}

func compareTold(t *testing.T, s *server, log string, image int64, told *forecast.Download) {
	t.Helper()
	runs := int64(1) // the client may have been asked more than once
	if got := s.requests.Load(); got%int64(told.Requests) == 0 {
		runs = got / int64(told.Requests)
	} else {
		t.Errorf("%d requests, the forecast says %d", got, told.Requests)
	}
	overhead := s.sent.Load()/runs - told.Missing
	if overhead < 0 || overhead > told.Overhead {
		t.Errorf("%d bytes beside the chunks, the forecast says %d at most", overhead, told.Overhead)
	}
	wantSum(t, toDownload, log, told.Missing)
	wantSum(t, toReuse, log, image-told.MissingRaw)
}

func wantSum(t *testing.T, sum *regexp.Regexp, log string, want int64) {
	t.Helper()
	found := sum.FindStringSubmatch(log)
	if found == nil {
		t.Errorf("the client says nothing like %s:\n%s", sum, log)
	} else if found[1] != strconv.FormatInt(want, 10) {
		t.Errorf("the client says %q, the forecast %d", found[0], want)
	}
}
