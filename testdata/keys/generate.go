// Generate writes the key set of this folder:
//
//	go run generate.go
//
// It must run in testdata/keys and needs openssl 3 on PATH, because key files
// have to look as openssl writes them. Private keys that exist are kept, and
// everything made from them repeats byte for byte, so that a second run
// changes nothing. To replace a key, delete its .pem first.
//
// Only the encrypted files cannot repeat (their salts are random): they too
// are made only where they are missing.
package main

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log"
	"math/big"
	"os"
	"os/exec"
	"time"
)

// passphrase opens every encrypted file of the set.
const passphrase = "fwpack test only"

func main() {
	log.SetFlags(0)
	keys()
	encrypted()
	others()
	certificates()
}

func keys() {
	for _, bits := range []string{"1024", "2048", "3072", "4096"} {
		openssl("rsa"+bits+".pem", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:"+bits)
	}
	for name, curve := range map[string]string{
		"ec-p224": "P-224", "ec-p256": "P-256", "ec-p384": "P-384", "ec-p521": "P-521", "ec-secp256k1": "secp256k1",
		"ca": "P-256", "intermediate": "P-256", "leaf": "P-256",
	} {
		openssl(name+".pem", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:"+curve)
	}
	openssl("rsa2048-leaf.pem", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
	openssl("ed25519.pem", "genpkey", "-algorithm", "ED25519")
}

// encrypted writes the forms of an encrypted private key that openssl 3 makes.
func encrypted() {
	for suffix, options := range map[string][]string{
		"enc":        {}, // the default of openssl 3: PBKDF2 with SHA-256, AES-256-CBC
		"enc-aes128": {"-v2", "aes-128-cbc"},
		"enc-sha1":   {"-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"},
		"enc-sha512": {"-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"},
		"enc-scrypt": {"-scrypt"},
		"enc-des3":   {"-v2", "des3"},
		"enc-pbes1":  {"-v1", "PBE-SHA1-3DES"},
	} {
		args := append([]string{"pkcs8", "-topk8", "-in", "ec-p256.pem", "-passout", "pass:" + passphrase}, options...)
		openssl("ec-p256."+suffix+".pem", args...)
	}
	openssl("rsa2048.enc.pem", "pkcs8", "-topk8", "-in", "rsa2048.pem", "-passout", "pass:"+passphrase)
	openssl("rsa2048.legacy.pem", "rsa", "-traditional", "-aes256", "-in", "rsa2048.pem", "-passout", "pass:"+passphrase)
}

// others writes public keys and the older forms of private keys.
func others() {
	for _, name := range []string{"rsa1024", "rsa2048", "rsa3072", "rsa4096", "ec-p256", "ec-p384", "ec-p521", "ed25519"} {
		openssl(name+".pub.pem", "pkey", "-in", name+".pem", "-pubout")
	}
	openssl("rsa2048.pkcs1.pem", "rsa", "-traditional", "-in", "rsa2048.pem")
	openssl("rsa2048.pkcs1.pub.pem", "rsa", "-in", "rsa2048.pem", "-RSAPublicKey_out")
	openssl("rsa2048.der", "pkcs8", "-topk8", "-nocrypt", "-in", "rsa2048.pem", "-outform", "DER")
	openssl("ec-p256.der", "pkcs8", "-topk8", "-nocrypt", "-in", "ec-p256.pem", "-outform", "DER")
	for _, name := range []string{"ec-p256", "ec-p384", "ec-p521"} {
		openssl(name+".sec1.pem", "ec", "-in", name+".pem")
	}
	sec1WithParameters("ec-p256.params.pem", "ec-p256.sec1.pem")
}

// sec1WithParameters writes what "openssl ecparam -genkey" does: the curve's
// name in a block of its own, then the SEC1 key.
func sec1WithParameters(name, key string) {
	parameters, err := exec.Command("openssl", "ecparam", "-name", "prime256v1").Output()
	check(err)
	sec1, err := os.ReadFile(key)
	check(err)
	check(os.WriteFile(name, append(parameters, sec1...), 0o644))
}

func certificates() {
	for i, name := range []string{"rsa1024", "rsa2048", "rsa3072", "rsa4096", "ec-p224", "ec-p256", "ec-p384", "ec-p521", "ed25519"} {
		selfSigned(name+".crt", name, template(int64(1+i), "fwpack test "+name))
	}
	purposes()
	periods()
	chain()
}

// purposes writes certificates of ec-p256.pem that differ in what they are for.
func purposes() {
	for i, c := range []struct {
		name  string
		usage x509.KeyUsage
		ext   []x509.ExtKeyUsage
	}{
		{"no-eku", x509.KeyUsageDigitalSignature, nil},
		{"no-usage", 0, nil},
		{"non-repudiation", x509.KeyUsageContentCommitment, []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}},
		{"code-signing", x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}},
		{"both-purposes", x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection, x509.ExtKeyUsageCodeSigning}},
		{"wrong-purpose", x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}},
		{"any-purpose", x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageAny}},
		{"wrong-usage", x509.KeyUsageKeyAgreement, []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}},
	} {
		t := template(int64(100+i), "fwpack test "+c.name)
		t.KeyUsage, t.ExtKeyUsage = c.usage, c.ext
		selfSigned(c.name+".crt", "ec-p256", t)
	}
}

// periods writes certificates of ec-p256.pem that are not valid today.
func periods() {
	expired := template(200, "fwpack test expired")
	expired.NotAfter = date(2021)
	selfSigned("expired.crt", "ec-p256", expired)
	future := template(201, "fwpack test not yet valid")
	future.NotBefore = date(2110)
	selfSigned("not-yet-valid.crt", "ec-p256", future)
}

// chain writes root, intermediate and two leaves, and chain.crt with leaf and
// intermediate in one file.
func chain() {
	ca := authority(300, "fwpack test root")
	selfSigned("ca.crt", "ca", ca)
	intermediate := authority(301, "fwpack test intermediate")
	issue("intermediate.crt", intermediate, "intermediate", "ca.crt", "ca")
	issue("leaf.crt", template(302, "fwpack test leaf"), "leaf", "intermediate.crt", "intermediate")
	issue("rsa2048-leaf.crt", template(303, "fwpack test leaf rsa2048"), "rsa2048-leaf", "intermediate.crt", "intermediate")
	issue("ca-leaf.crt", template(304, "fwpack test leaf below the root"), "leaf", "ca.crt", "ca")
	join("chain.crt", "leaf.crt", "intermediate.crt")
	join("trust-chain.crt", "ca.crt", "intermediate.crt")
}

func template(serial int64, name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:          big.NewInt(serial),
		Subject:               pkix.Name{CommonName: name, Organization: []string{"TEST ONLY"}},
		NotBefore:             date(2020),
		NotAfter:              date(2120),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		BasicConstraintsValid: true,
	}
}

func authority(serial int64, name string) *x509.Certificate {
	t := template(serial, name)
	t.IsCA, t.KeyUsage, t.ExtKeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, nil
	return t
}

func date(year int) time.Time { return time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC) }

func selfSigned(file, key string, t *x509.Certificate) {
	signer := readKey(key + ".pem")
	t.SubjectKeyId = keyID(signer.Public())
	write(file, t, t, signer.Public(), signer)
}

func issue(file string, t *x509.Certificate, key, issuerFile, issuerKey string) {
	public := readKey(key + ".pem").Public()
	t.SubjectKeyId = keyID(public)
	write(file, t, readCertificate(issuerFile), public, readKey(issuerKey+".pem"))
}

func write(file string, t, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) {
	// Without a random source ECDSA is deterministic (RFC 6979).
	der, err := x509.CreateCertificate(nil, t, parent, public, signer)
	check(err)
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	check(os.WriteFile(file, block, 0o644))
}

// keyID is any stable identifier: RFC 5280 leaves the method to the issuer.
func keyID(public crypto.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(public)
	check(err)
	h := crypto.SHA256.New()
	h.Write(der)
	return h.Sum(nil)[:20]
}

func join(file string, parts ...string) {
	var all []byte
	for _, part := range parts {
		text, err := os.ReadFile(part)
		check(err)
		all = append(all, text...)
	}
	check(os.WriteFile(file, all, 0o644))
}

func readKey(file string) crypto.Signer {
	key, err := x509.ParsePKCS8PrivateKey(readPEM(file))
	check(err)
	return key.(crypto.Signer)
}

func readCertificate(file string) *x509.Certificate {
	c, err := x509.ParseCertificate(readPEM(file))
	check(err)
	return c
}

func readPEM(file string) []byte {
	text, err := os.ReadFile(file)
	check(err)
	block, _ := pem.Decode(text)
	if block == nil {
		log.Fatalf("%s: no PEM block", file)
	}
	return block.Bytes
}

// openssl runs openssl and keeps its output in file, unless the file exists.
func openssl(file string, args ...string) {
	if _, err := os.Stat(file); err == nil {
		return
	}
	out, err := exec.Command("openssl", args...).Output()
	check(err)
	check(os.WriteFile(file, out, 0o644))
	fmt.Println(file)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
