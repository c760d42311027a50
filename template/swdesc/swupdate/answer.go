package swupdate

import "fmt"

// Answer is what is known about a yes-or-no question. In TOML and JSON it is a
// boolean, or missing.
type Answer uint8

// The answers.
const (
	Unknown Answer = iota
	Yes
	No
)

// Maybe tells whether the answer is not No.
func (a Answer) Maybe() bool { return a != No }

// String is "yes", "no" or "unknown".
func (a Answer) String() string { return [...]string{"unknown", "yes", "no"}[a] }

// UnmarshalText reads "true" or "yes", "false" or "no", "" or "unknown".
func (a *Answer) UnmarshalText(text []byte) error {
	switch string(text) {
	case "true", "yes":
		*a = Yes
	case "false", "no":
		*a = No
	case "", "unknown":
		*a = Unknown
	default:
		return fmt.Errorf("%q is no answer: true or false", text)
	}
	return nil
}

// UnmarshalJSON reads a boolean, or null for Unknown.
func (a *Answer) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*a = Unknown
		return nil
	}
	if s := string(data); s != "true" && s != "false" {
		return fmt.Errorf("%s is no answer: true or false", data)
	}
	return a.UnmarshalText(data)
}

// MarshalJSON is the opposite of UnmarshalJSON.
func (a Answer) MarshalJSON() ([]byte, error) {
	return []byte([...]string{"null", "true", "false"}[a]), nil
}

// Verifier is how a client verifies the signature of a description.
type Verifier string

// The verifiers. The empty one is not known.
const (
	VerifierCMS         Verifier = "cms"
	VerifierRSAPKCS1v15 Verifier = "rsa-pkcs1v15"
	VerifierRSAPSS      Verifier = "rsa-pss"
	VerifierGPG         Verifier = "gpg"  // since 2023.12
	VerifierAny         Verifier = "any"  // there is one, which is not known
	VerifierNone        Verifier = "none" // a client without: it passes over the signature
)

// Verifiers returns all but the empty one.
func Verifiers() []Verifier {
	return []Verifier{VerifierCMS, VerifierRSAPKCS1v15, VerifierRSAPSS, VerifierGPG, VerifierAny, VerifierNone}
}

// UnmarshalText reads one of Verifiers, or the empty text.
func (v *Verifier) UnmarshalText(text []byte) error {
	for _, known := range append(Verifiers(), "") {
		if string(known) == string(text) {
			*v = known
			return nil
		}
	}
	return fmt.Errorf("%q is no verifier: %q", text, Verifiers())
}
