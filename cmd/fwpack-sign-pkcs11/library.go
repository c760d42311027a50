package main

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/fwpack/fwpack/sign/pkcs11uri"
)

// The numbers of PKCS #11 2.40 and 3.0 that are needed here, with their names
// there.
const (
	flagLoginRequired    = 0x4     // CKF_LOGIN_REQUIRED
	flagProtectedPath    = 0x100   // CKF_PROTECTED_AUTHENTICATION_PATH
	flagTokenInitialized = 0x400   // CKF_TOKEN_INITIALIZED
	flagCountLow         = 0x10000 // CKF_USER_PIN_COUNT_LOW
	flagFinalTry         = 0x20000 // CKF_USER_PIN_FINAL_TRY
	flagLocked           = 0x40000 // CKF_USER_PIN_LOCKED

	userNormal  = 1 // CKU_USER
	userContext = 2 // CKU_CONTEXT_SPECIFIC

	classCertificate = 1 // CKO_CERTIFICATE
	classPublic      = 2 // CKO_PUBLIC_KEY
	classPrivate     = 3 // CKO_PRIVATE_KEY

	keyRSA     = 0    // CKK_RSA
	keyEC      = 3    // CKK_EC
	keyEdwards = 0x40 // CKK_EC_EDWARDS

	attributeLabel          = 0x3   // CKA_LABEL
	attributeValue          = 0x11  // CKA_VALUE
	attributeKeyType        = 0x100 // CKA_KEY_TYPE
	attributeID             = 0x102 // CKA_ID
	attributeSign           = 0x108 // CKA_SIGN
	attributeModulus        = 0x120 // CKA_MODULUS
	attributePublicExponent = 0x122 // CKA_PUBLIC_EXPONENT
	attributePublicKeyInfo  = 0x129 // CKA_PUBLIC_KEY_INFO
	attributeECParams       = 0x180 // CKA_EC_PARAMS
	attributeECPoint        = 0x181 // CKA_EC_POINT
	attributeAlwaysLogin    = 0x202 // CKA_ALWAYS_AUTHENTICATE

	codeNotPermitted    = 0x68  // CKR_KEY_FUNCTION_NOT_PERMITTED
	codePINIncorrect    = 0xa0  // CKR_PIN_INCORRECT
	codePINLengthRange  = 0xa2  // CKR_PIN_LEN_RANGE
	codePINExpired      = 0xa3  // CKR_PIN_EXPIRED
	codePINLocked       = 0xa4  // CKR_PIN_LOCKED
	codeAlreadyLoggedIn = 0x100 // CKR_USER_ALREADY_LOGGED_IN
	codePINNotSet       = 0x102 // CKR_USER_PIN_NOT_INITIALIZED
)

// library is a PKCS #11 module, as far as signing needs one. Its errors are of
// type code.
type library interface {
	Info() (pkcs11uri.Library, error)
	// Slots returns the slots that have a token.
	Slots() ([]uint, error)
	Slot(slot uint) (pkcs11uri.Slot, error)
	Token(slot uint) (token, error)
	Mechanisms(slot uint) ([]uint, error)
	OpenSession(slot uint) (session uint, err error)
	// Login takes "" for a PIN that is typed on the token's reader.
	Login(session, user uint, pin string) error
	Find(session, class uint, uri pkcs11uri.URI) (objects []uint, err error)
	Attribute(session, object, attribute uint) ([]byte, error)
	SignInit(session uint, m mechanism, key uint) error
	Sign(session uint, data []byte) ([]byte, error)
	// Close ends all sessions. It waits for another call for as long as
	// patience.
	Close(patience time.Duration)
}

// token is what a token says of itself.
type token struct {
	pkcs11uri.Token
	flags uint
}

func (t token) has(flag uint) bool { return t.flags&flag != 0 }

// code is what a function of a module returned instead of CKR_OK.
type code struct {
	number uint
	name   string
}

func (c code) Error() string { return fmt.Sprintf("%s (%#x)", c.name, c.number) }

// unsigned reads a CK_ULONG or a CK_BBOOL, which are as long as the platform
// has them.
func unsigned(value []byte) (uint, bool) {
	switch len(value) {
	case 1:
		return uint(value[0]), true
	case 4:
		return uint(binary.NativeEndian.Uint32(value)), true
	case 8:
		return uint(binary.NativeEndian.Uint64(value)), true
	}
	return 0, false
}
