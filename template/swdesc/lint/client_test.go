package lint_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
	"github.com/fwpack/fwpack/pack/swutest"
)

const keys = "../../../testdata/keys/"

// payload is what every artifact here holds.
const payload = "#!/bin/sh\nexit 0\n"

// digest is the sha256 attribute of payload.
func digest() string { return fmt.Sprintf("sha256 = \"%x\";", sha256.Sum256([]byte(payload))) }

// describe is a description for revision 1.0 with the given sections.
func describe(sections string) string {
	return "software = { version = \"1\"; hardware-compatibility = [\"1.0\"];\n" + sections + "\n};\n"
}

// device is a client that trusts what pack signs.
func device() reftool.Client { return reftool.Client{Cert: keys + swutest.Certificate} }

// pack makes a signed bundle of a description and artifacts, one called payload
// where none are named.
func pack(t *testing.T, description string, artifacts ...string) string {
	t.Helper()
	if artifacts == nil {
		artifacts = []string{"payload"}
	}
	var members []swutest.Member
	for _, name := range artifacts {
		members = append(members, swutest.Member{Name: name, Data: payload})
	}
	return swutest.Write(t, keys, description, members...)
}
