package pkcs11uri_test

import (
	"fmt"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

func Example() {
	u, err := pkcs11uri.Parse("pkcs11:token=release%202;object=firmware?pin-source=file:/run/secrets/pin")
	if err != nil {
		fmt.Println(err)
		return
	}
	pin, err := u.PINFile()
	fmt.Printf("%q %q %q %v\n", u.Token, u.Object, pin, err)
	fmt.Println(u.MatchToken(pkcs11uri.Token{Label: "release 2", Serial: "0815"}))
	// Output:
	// "release 2" "firmware" "/run/secrets/pin" <nil>
	// true
}

func ExampleURI_String() {
	u := pkcs11uri.URI{Token: "release", Object: "firmware", ID: []byte{1}, Type: pkcs11uri.TypePrivate}
	fmt.Println(u)
	// Output: pkcs11:token=release;object=firmware;id=%01;type=private
}

func ExampleParse() {
	_, err := pkcs11uri.Parse("pkcs11:token=my token")
	fmt.Println(err)
	// Output: pkcs11 URI: attribute token: byte 3: ' ' must be written %20
}
