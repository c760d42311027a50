package zck

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// run runs a tool in a folder and returns what it prints.
func run(t *testing.T, dir, tool string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s%s", tool, args, err, out.Bytes(), problems.Bytes())
	}
	return out.Bytes()
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// input is an image that is made when it is needed.
type input struct {
	name string
	make func(t *testing.T) []byte
}

func inputs() []input {
	var all []input
	add := func(name string, data func(t *testing.T) []byte) { all = append(all, input{name, data}) }
	for _, n := range []int{0, 1, 2, 47, 48, 49, 8191, 8192, 8193, 32767, 32768, 131071, 131072, 131073, 131120, 262144, 262145, 1 << 20, 4 << 20, 16 << 20, 64 << 20} {
		add(fmt.Sprintf("random %d", n), func(*testing.T) []byte { return random(n, 3) })
	}
	for _, n := range []int{1, 131072, 131073, 262144, 10 << 20} {
		add(fmt.Sprintf("zeros %d", n), func(*testing.T) []byte { return make([]byte, n) })
	}
	for _, period := range []int{1, 31, 48, 256} {
		add(fmt.Sprintf("period %d", period), func(*testing.T) []byte { return bytes.Repeat(random(period, 1), 1<<19/period) })
	}
	for seed := range byte(4) {
		add(fmt.Sprintf("many matches %d", seed), func(*testing.T) []byte { return manyMatches(seed, 200000) })
	}
	for _, name := range []string{"refeed-a.bin", "refeed-b.bin"} {
		add(name, func(t *testing.T) []byte { return vector(t, name) })
	}
	add("counted", func(*testing.T) []byte { return counted(1 << 20) })
	add("squares", func(*testing.T) []byte { return squares(300000) })
	add("text", func(*testing.T) []byte { return lines(500000) })
	add("two letters", func(*testing.T) []byte { return twoLetters(2 << 20) })
	add("mixed", func(*testing.T) []byte { return mixed() })
	add("program", program)
	add("tar", archive)
	add("ext4", fileSystem)
	return all
}

func twoLetters(n int) []byte {
	data := random(n, 4)
	for i := range data {
		data[i] = 'a' + data[i]&1
	}
	return data
}

// program is the test's own, an ELF file on Linux.
func program(t *testing.T) []byte {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return read(t, "", path)
}

// archive is the begin of a tar of what is installed.
func archive(t *testing.T) []byte {
	reftool.Need(t, "tar")
	cmd := exec.Command("tar", "-c", "-C", "/", "--sort=name", "usr/share")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(io.LimitReader(out, 48<<20))
	out.Close() // ends tar
	cmd.Wait()  // with an error, unless all was read
	if err != nil || len(data) == 0 {
		t.Fatalf("tar gives %d bytes, %v", len(data), err)
	}
	return data
}

func fileSystem(t *testing.T) []byte {
	tool := "/usr/sbin/mkfs.ext4"
	if _, err := os.Stat(tool); err != nil {
		reftool.Missing(t, tool+" is not installed")
	}
	dir, tree := t.TempDir(), t.TempDir()
	write(t, tree, "text", lines(100000))
	write(t, tree, "random", random(3<<20, 9))
	run(t, dir, tool, "-q", "-d", tree, "image", "16M")
	return read(t, dir, "image")
}

// Our index and our files without compression are zck's to the last byte; and
// what we compress is taken by its tools.
func TestConformanceChunks(t *testing.T) {
	reftool.Need(t, "zck", "unzck", "zck_read_header")
	if all := inputs(); len(all) < 40 {
		t.Fatalf("only %d inputs", len(all))
	}
	for _, in := range inputs() {
		t.Run(in.name, func(t *testing.T) {
			image, dir := in.make(t), t.TempDir()
			write(t, dir, "image", image)
			sameAsTheirs(t, dir, image)
			theyTake(t, dir, image, Options{Level: LevelFastest})
		})
	}
}

func sameAsTheirs(t *testing.T, dir string, image []byte) {
	t.Helper()
	run(t, dir, "zck", "-u", "--compression-format", "none", "-o", "none.zck", "image")
	ours, h := create(t, image, Options{Compression: None})
	if theirs := read(t, dir, "none.zck"); !bytes.Equal(ours, theirs) {
		theirHeader, err := ReadHeader(bytes.NewReader(theirs))
		if err != nil {
			t.Fatal(err)
		}
		t.Errorf("chunks %v, zck has %v", sizesOf(h), sizesOf(theirHeader))
	}
}

func sizesOf(h *Header) (sizes []int64) {
	for _, c := range h.Chunks {
		sizes = append(sizes, c.Size)
	}
	return sizes
}

// theyTake makes a file and has zck's tools verify and unpack it.
func theyTake(t *testing.T, dir string, image []byte, opts Options) {
	t.Helper()
	ours, h := create(t, image, opts)
	write(t, dir, "ours.zck", ours)
	out := string(run(t, dir, "zck_read_header", "-f", "-c", "ours.zck"))
	for _, want := range []string{
		fmt.Sprintf("Overall checksum type: %s\n", h.Hash),
		fmt.Sprintf("Header size: %d\n", h.Len()),
		fmt.Sprintf("Header checksum: %s\n", h.Digest()),
		fmt.Sprintf("Data size: %d\n", h.BodySize()),
		fmt.Sprintf("Chunk count: %d\n", len(h.Chunks)+1),
		fmt.Sprintf("Chunk checksum type: %s\n", h.ChunkHash),
	} {
		if !strings.Contains(out, want) {
			t.Errorf("zck_read_header prints no %q in %.400s", want, out)
		}
	}
	if back := run(t, dir, "unzck", "-c", "ours.zck"); !bytes.Equal(back, image) {
		t.Errorf("unzck gives %d bytes, not the %d of the image", len(back), len(image))
	}
}

// Every kind of file that we write is taken.
func TestConformanceVariants(t *testing.T) {
	reftool.Need(t, "zck", "unzck", "zck_read_header", "zck_gen_zdict")
	all := variants()
	all["trained dictionary"] = Options{Dictionary: trained(t)}
	all["trained dictionary, best"] = Options{Dictionary: trained(t), Level: LevelBest}
	base, err := Index(background, bytes.NewReader(lines(25000)), 0)
	if err != nil {
		t.Fatal(err)
	}
	all["plain dictionary, best"] = Options{Dictionary: lines(1000), Level: LevelBest}
	all["joined chunks"] = Options{Bases: []*Header{base}}
	for name, opts := range all {
		t.Run(name, func(t *testing.T) {
			theyTake(t, t.TempDir(), mixed(), opts)
		})
	}
}

// trained is the dictionary that zck_gen_zdict makes of one of our files.
func trained(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	file, _ := create(t, lines(100000), Options{})
	write(t, dir, "ours.zck", file)
	run(t, dir, "zck_gen_zdict", "ours.zck")
	return read(t, dir, "ours.zdict")
}

// We read what zck writes, and write its header again.
func TestConformanceTheirs(t *testing.T) {
	reftool.Need(t, "zck", "unzck", "zck_gen_zdict")
	dictionary := trained(t)
	modes := map[string][]string{
		"default":            nil,
		"-u":                 {"-u"},
		"sha256":             {"-h", "sha256"},
		"sha512":             {"-h", "sha512"},
		"sha512_128":         {"-h", "sha512_128"},
		"-u sha512":          {"-u", "-h", "sha512"},
		"-u sha512_128":      {"-u", "-h", "sha512_128"},
		"none":               {"--compression-format", "none"},
		"-u none":            {"-u", "--compression-format", "none"},
		"plain dictionary":   {"-D", "plain"},
		"trained dictionary": {"-D", "trained"},
		"-u dictionary":      {"-u", "-D", "trained"},
		"none, dictionary":   {"-D", "plain", "--compression-format", "none"},
		"split":              {"-s", "line 7000\n"},
	}
	images := map[string][]byte{"mixed": mixed(), "empty": nil, "byte": {0x76}, "text": lines(20000)}
	for mode, args := range modes {
		for name, image := range images {
			t.Run(mode+" of "+name, func(t *testing.T) {
				dir := t.TempDir()
				write(t, dir, "image", image)
				write(t, dir, "plain", lines(3000))
				write(t, dir, "trained", dictionary)
				run(t, dir, "zck", append(args, "-o", "theirs.zck", "image")...)
				weTake(t, dir, image)
			})
		}
	}
}

func weTake(t *testing.T, dir string, image []byte) {
	t.Helper()
	file := read(t, dir, "theirs.zck")
	var back bytes.Buffer
	h, err := Unpack(background, &back, bytes.NewReader(file), 2)
	if err != nil || !bytes.Equal(back.Bytes(), image) {
		t.Fatalf("%d bytes of %d, %v", back.Len(), len(image), err)
	}
	if err := readAll(file); err != nil {
		t.Error(err)
	}
	header, err := h.Marshal()
	if err != nil || !bytes.HasPrefix(file, header) {
		t.Errorf("the header is written as %x, %v", header, err)
	}
	run(t, dir, "unzck", "--header", "theirs.zck")
	h.Detached = true
	header, err = h.Marshal()
	stored := file[len(header):][:h.Dictionary.Stored]
	if theirs := read(t, dir, "theirs.zhr"); err != nil || !bytes.Equal(theirs, slices.Concat(header, stored)) {
		t.Errorf("the detached header is %x, %v", header, err)
	}
	if again, err := ReadHeader(bytes.NewReader(read(t, dir, "theirs.zhr"))); err != nil || again.Digest() != h.Digest() {
		t.Error(err)
	}
}

// Where both files were compressed by zck, equal raw chunks are equal stored
// ones, and zck_delta_size counts what Missing counts.
func TestConformanceDeltaSize(t *testing.T) {
	reftool.Need(t, "zck", "zck_delta_size")
	image := mixed()
	next := slices.Concat(lines(20), image[:1e6], []byte("changed"), image[1e6+9:])
	theirs, ours := t.TempDir(), t.TempDir()
	for name, data := range map[string][]byte{"old": image, "new": next} {
		write(t, theirs, name, data)
		run(t, theirs, "zck", "-u", "-o", name+".zck", name)
		file, _ := create(t, data, Options{})
		write(t, ours, name+".zck", file)
	}
	installed, err := Index(context.Background(), bytes.NewReader(image), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{theirs, ours} {
		h, err := ReadHeader(bytes.NewReader(read(t, dir, "new.zck")))
		if err != nil {
			t.Fatal(err)
		}
		d, err := Missing(h, installed, Client{})
		if err != nil {
			t.Fatal(err)
		}
		counted := regexp.MustCompile(`Would download (\d+) of`).FindSubmatch(run(t, dir, "zck_delta_size", "old.zck", "new.zck"))
		if counted == nil || string(counted[1]) != strconv.FormatInt(h.Len()+d.Bytes, 10) {
			t.Errorf("zck_delta_size %q, header %d and chunks %d", counted, h.Len(), d.Bytes)
		}
		if len(d.Chunks) == 0 || len(d.Chunks) > 10 {
			t.Errorf("%d chunks are missing", len(d.Chunks))
		}
	}
}
