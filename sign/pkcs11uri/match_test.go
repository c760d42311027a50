package pkcs11uri

import "testing"

func mustParse(t *testing.T, text string) URI {
	t.Helper()
	u, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestMatch(t *testing.T) {
	library := Library{Manufacturer: "SoftHSM", Description: "Implementation of PKCS11", Major: 2, Minor: 6}
	slot := Slot{ID: 3, Manufacturer: "SoftHSM project", Description: "SoftHSM slot ID 0x3"}
	token := Token{Label: "release", Manufacturer: "SoftHSM project", Model: "SoftHSM v2", Serial: "a1b2"}
	for text, want := range map[string]bool{
		"pkcs11:": true,
		"pkcs11:token=release;serial=a1b2;manufacturer=SoftHSM%20project;model=SoftHSM%20v2": true,
		"pkcs11:token=Release":      false,
		"pkcs11:serial=a1":          false,
		"pkcs11:manufacturer=x":     false,
		"pkcs11:model=SoftHSM":      false,
		"pkcs11:slot-id=3":          true,
		"pkcs11:slot-id=0":          false,
		"pkcs11:slot-description=x": false,
		"pkcs11:slot-manufacturer=SoftHSM%20project;slot-description=SoftHSM%20slot%20ID%200x3": true,
		"pkcs11:slot-manufacturer=x":                              false,
		"pkcs11:library-manufacturer=SoftHSM":                     true,
		"pkcs11:library-manufacturer=Soft":                        false,
		"pkcs11:library-description=Implementation%20of%20PKCS11": true,
		"pkcs11:library-description=x":                            false,
		"pkcs11:library-version=2.6":                              true,
		"pkcs11:library-version=2":                                false, // 2.0
		"pkcs11:library-version=2.600":                            false,
		"pkcs11:library-version=3.6":                              false,
		"pkcs11:object=a;id=%01":                                  true,
		"pkcs11:object=b":                                         false,
		"pkcs11:id=%01%00":                                        false,
		"pkcs11:type=cert;x-other=1":                              true,
	} {
		u := mustParse(t, text)
		if got := u.MatchLibrary(library) && u.MatchSlot(slot) && u.MatchToken(token) && u.MatchObject("a", []byte{1}); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	if !mustParse(t, "pkcs11:library-version=2").MatchLibrary(Library{Major: 2}) {
		t.Error("version 2 is not 2.0")
	}
}

func TestPINFile(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"/run/pin", "/run/pin"},
		{"file:/run/pin", "/run/pin"},
		{"file:///run/my%2520pin", "/run/my pin"},
		{"file://localhost/run/pin", "/run/pin"},
		{"C:/pin.txt", "C:/pin.txt"},
		{"C:%5Cpin.txt", `C:\pin.txt`},
		{"pin", ""},
		{"file:pin", ""},
		{"file:", ""},
		{"file://server/pin", ""},
		{"file:/pin?a", ""},
		{"file:/pin%2523a", "/pin#a"},
		{"file:/pin%23a", ""},
		{"file:/%25", ""},
		{"/a%00b", ""},
		{"|/usr/lib/pinomatic", ""},
		{"https:/example", ""},
	} {
		path, err := mustParse(t, "pkcs11:?pin-source="+test.source).PINFile()
		if path != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: %q, %v; want %q", test.source, path, err, test.want)
		}
		if err != nil && err.Error() != "pkcs11 URI: attribute pin-source: want file:/path or an absolute path" {
			t.Error(err)
		}
	}
	if path, err := mustParse(t, "pkcs11:").PINFile(); path != "" || err != nil {
		t.Errorf("no pin-source: %q, %v", path, err)
	}
}
