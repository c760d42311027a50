package board_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/mcuboot/board"
	"github.com/fwpack/fwpack/mcuboot/profile"
)

func TestFind(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"nrf52840dk/nrf52840", "nrf52840dk/nrf52840"},
		{"nrf52840dk", "nrf52840dk/nrf52840"},
		{"nrf5340dk/nrf5340/cpunet", "nrf5340dk/nrf5340/cpunet"},
		{"nrf5340dk", ""}, // two cores
		{"nrf5340dk/nrf5340", ""},
		{"thingy53", ""},       // the other core has no slots here, but is one
		{"mimxrt1060_evk", ""}, // the slots may be in another flash
		{"nrf54l15dk", ""},     // two chips
		{"nrf9160dk@0.14.0", ""},
		{"nrf52840dk/nrf52811", ""},
		{"nrf52840dk/", ""},
		{"nrf52840", ""},
		{"NRF52840DK", ""},
		{"", ""},
	} {
		b, ok := board.Find(tt.name)
		if b.Name != tt.want || ok != (tt.want != "") {
			t.Errorf("Find(%q) = %q, %v; want %q", tt.name, b.Name, ok, tt.want)
		}
		if !ok && b.Settings != nil {
			t.Errorf("Find(%q) has settings without a board", tt.name)
		}
	}
}

func TestNames(t *testing.T) {
	names := board.Names()
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("names are not in order or not unique: %q", names)
	}
	if len(names) < 20 {
		t.Errorf("%d boards", len(names))
	}
	short := map[string]bool{}
	for _, name := range names {
		s, qualifier, ok := strings.Cut(name, "/")
		if !ok || short[s] && !strings.Contains(qualifier, "/") {
			t.Errorf("%q: not qualified, or %q is more than one board", name, s)
		}
		short[s] = true
	}
	names[0] = "changed"
	if board.Names()[0] == "changed" {
		t.Error("the caller can change the table")
	}
}

// What makes a layout possible at all: figures that contradict each other are a
// slip of the pen.
func TestLayouts(t *testing.T) {
	for _, name := range board.Names() {
		t.Run(name, func(t *testing.T) {
			b, ok := board.Find(name)
			if !ok || b.Name != name || !strings.HasPrefix(strings.Split(name, "/")[1], b.SoC) {
				t.Fatalf("Find = %q of %q, %v", b.Name, b.SoC, ok)
			}
			v := values(t, b)
			first, second := v["slot-address"], v["secondary-slot-address"]
			size, secondSize := v["slot-size"], v["secondary-slot-size"]
			if secondSize == 0 {
				secondSize = size
			} else if secondSize == size {
				t.Error("secondary-slot-size is not another")
			}
			if size == 0 || first+size > second {
				t.Errorf("slots overlap: %#x bytes at %#x, the other at %#x", size, first, second)
			}
			if w := v["write-size"]; w == 0 || w > 32 || w&(w-1) != 0 {
				t.Errorf("write-size %d", w)
			}
			unit, ok := v["sector-size"]
			if !ok {
				return
			}
			for _, n := range []uint64{first, second, size, secondSize} {
				if unit&(unit-1) != 0 || n%unit != 0 {
					t.Errorf("%#x does not end with a sector of %#x bytes", n, unit)
				}
			}
		})
	}
}

// Boards whose sectors differ have no sector-size.
func TestSectorsDiffer(t *testing.T) {
	var without []string
	for _, name := range board.Names() {
		b, _ := board.Find(name)
		if _, ok := values(t, b)["sector-size"]; !ok {
			without = append(without, name)
		}
	}
	want := []string{"nucleo_f429zi/stm32f429xx", "nucleo_f767zi/stm32f767xx"}
	if !slices.Equal(without, want) {
		t.Errorf("without sector-size: %q, want %q", without, want)
	}
}

func values(t *testing.T, b board.Board) map[string]uint64 {
	t.Helper()
	v := map[string]uint64{}
	p := &profile.Profile{}
	for _, s := range b.Settings {
		n, err := strconv.ParseUint(s.Value, 0, 32)
		if err != nil {
			t.Errorf("%s: %v", s.Key, err)
		}
		if err := p.Set(s); err != nil {
			t.Errorf("the profile does not take %+v: %v", s, err)
		}
		if _, twice := v[s.Key]; twice {
			t.Errorf("%s: twice", s.Key)
		}
		if s.From != "board "+b.Name {
			t.Errorf("%s: from %q", s.Key, s.From)
		}
		v[s.Key] = n
	}
	return v
}

func ExampleFind() {
	b, ok := board.Find("nucleo_g474re")
	fmt.Println(b.Name, ok)
	for _, s := range b.Settings {
		fmt.Printf("%s = %s\n", s.Key, s.Value)
	}
	// Output:
	// nucleo_g474re/stm32g474xx true
	// slot-size = 0x39000
	// secondary-slot-size = 0x39800
	// slot-address = 0x800c000
	// secondary-slot-address = 0x8045000
	// sector-size = 2048
	// write-size = 8
}
