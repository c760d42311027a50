package lint

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// corpus is what real descriptions break, as templates and without a target. The
// errors are true: SWD201 is a handler of a device's own, and SWD424 makes the
// client fail.
var corpus = map[string][]string{
	"buildroot_pi_swupdate__board_raspberrypi_cm4_sw-description":                                   {"SWD801"},
	"buildroot_pi_swupdate__board_raspberrypi_pi2_sw-description":                                   {"SWD801"},
	"meta-swupdate-boards__recipes-extended_images_update-image_beaglebone-yocto_sw-description":    {"SWD603"},
	"meta-swupdate-boards__recipes-extended_images_update-image_sama5d27-som1-ek-sd_sw-description": {"SWD603"},
	"meta-swupdate-boards__recipes-extended_images_update-image_wandboard_sw-description":           {"SWD603"},
	"meta-swupdate-dev__recipes-core_images_update-image_imx7d-pico_sw-description":                 {"SWD603"},
	"meta-swupdate-dev__recipes-core_images_update-image_imx7s-warp_sw-description":                 {"SWD603"},
	"meta-swupdate-dev__recipes-core_images_update-image_stm32mp157a-dk1_sw-description":            {"SWD603"},
	"meta-swupdate-dev__recipes-core_images_update-image_stm32mp157c-dk2_sw-description":            {"SWD603"},
	"swupdate-misc__sw-description":                                                                                  {"SWD403", "SWD603"},
	"swupdate-scripts__boards_sw-description-imx6ull-sd-dualcopy-image.template":                                     {"SWD423", "SWD424", "SWD801", "SWD802"},
	"swupdate-scripts__boards_sw-description-imx6ull-sd-singlecopy-image.template":                                   {"SWD423", "SWD801"},
	"swupdate-scripts__boards_sw-description-imx8mm-emmc-dualcopy-image.template":                                    {"SWD801", "SWD802"},
	"swupdate-scripts__boards_sw-description-imx8mm-sd-dualcopy-image.template":                                      {"SWD801", "SWD802"},
	"swupdate-scripts__boards_sw-description-imx93-emmc-dualcopy-image.template":                                     {"SWD423", "SWD801", "SWD802"},
	"swupdate-scripts__boards_sw-description-imx93-sd-dualcopy-image.template":                                       {"SWD423", "SWD801"},
	"swupdate__examples_description_sw-description-json":                                                             {"SWD201", "SWD603", "SWD801", "SWD802"},
	"swupdate__examples_description_sw-description-libconfig":                                                        {"SWD201", "SWD603", "SWD801", "SWD802"},
	"tegra-demo-distro__layers_meta-tegrademo_dynamic-layers_meta-swupdate_recipes-demo_images_files_sw-description": {"SWD422", "SWD801"},
}

// broken are files of the corpus that no client reads either.
var broken = []string{
	"swupdate-scripts__boards_sw-description-imx6ullwch-emmc-dualcopy-image.template",
	"swupdate-scripts__boards_sw-description-imx6ullwch-emmc-dualcopy-image.template.cmdline",
}

var placeholder = regexp.MustCompile(`@@([A-Za-z0-9_]+)@@`)

func TestCorpus(t *testing.T) {
	dir := os.Getenv("FWPACK_CORPUS")
	if dir == "" {
		t.Skip("FWPACK_CORPUS names no folder")
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if slices.Contains(broken, file.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := swdesc.ParseAny(placeholder.ReplaceAll(text, []byte("$1")))
		if err != nil {
			t.Errorf("%s: %v", file.Name(), err)
			continue
		}
		findings := Check(Subject{Doc: doc, Draft: true}, swupdate.Profile{})
		if got := ids(findings); !slices.Equal(got, corpus[file.Name()]) {
			t.Errorf("%q: %#v,\n%s", file.Name(), got, lines(findings))
		}
	}
}
