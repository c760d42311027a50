package keygen

// publishedKey is a key pair whose private half is in a public repository.
type publishedKey struct {
	hash string // SHA-256 of the SubjectPublicKeyInfo, in hex
	name string // which key, and of whom
}

// published has hashes of public halves only. MCUboot's keys are those of its
// simulator (sim/mcuboot-sys/csupport/keys.c) and of the .pem files named; TF-M's
// those of bl2/ext/mcuboot/keys.c. The hashes that TF-M provisions (tfm_rotpk.c)
// agree for root-rsa-2048, root-rsa-2048_1 and both root-rsa-3072 of its own.
var published = []publishedKey{
	{"a14bcb1bf9bb821146ba32838217e476f5412621320534ffe490a1890c994660", "MCUboot and TF-M: root-rsa-2048.pem"},
	{"159d8b7930769d887f3ff0b4e9ec176b82313663f2ef76dc24f5e964da1bc482", "MCUboot: root-rsa-3072.pem"},
	{"e30466f6b8470c1f29070b17f1e2d3e94d445e3f608087fdc711e4382bb538b6", "MCUboot and TF-M: root-ec-p256.pem"},
	{"6bcd1e16d80e5fe13a5307e6f1de8344c7e50e537d9962ce35ef6db5e642fae8", "MCUboot and TF-M: root-ec-p384.pem"},
	{"c1907fa4eac7fae3840a78902b6f0710b037e9968e5c6274a12a28790c7d4e3c", "MCUboot: root-ed25519.pem"},
	{"95ac5d264689fa25b14a87a9bc950abfb1a77e5e628e7b13b5f1940c9a1c65b8", "MCUboot and TF-M: enc-rsa2048-priv.pem"},
	{"9a1dc1eb80199d8498f2a75dde0a7b75216e8302bf3a12bd04f153f48f3f24a0", "MCUboot: enc-x25519-priv.pem"},
	{"3c23fc4e1d332a0c86e6a8bf6ecf26046d702302e135bf53fc04a009a33a78c5", "MCUboot: enc-ec256-priv.pem"},
	{"b1d87d60173352b9a4808979790fc699fb4c4f83b49cf1970edd96ff4adc36a6", "MCUboot: root-ed25519-unknown.pem"},
	{"c68506cf094d423a30caf89999ec40cd8772c8ee7bd4488fa0b19aa7e184251b", "MCUboot: samples/zephyr/bad-keys/bad-enc-ec256-priv.pem"},
	{"512829aa1fdc74570c37bbc26667029b6f43eb79b94bad9090e77e7e436b0aac", "MCUboot: samples/zephyr/bad-keys/bad-enc-rsa2048-priv.pem"},
	{"517691a40a85ecd042b5e92af9b9038a1555e52c37b3e027be4a547792920619", "MCUboot: samples/zephyr/bad-keys/bad-enc-x25519-priv.pem"},
	{"6754edab1e29affef4a05935adecbeb1a7b8b62397b31e39a61b5bfcaafd63af", "Zephyr: tests/boot/test_mcuboot/root-ed25519-2.pem"},
	{"6d480226638605f9f4cee9790630d5be3374d0deb0a43f19434bf60c9cc47c36", "MCUboot: boot/cypress/BlinkyApp/keys/cypress-test-ec-p256.pem"},
	{"f7ff201419cb1554a5d17c9b7adc83b61a995646c02808da2135a24e5424df72", "TF-M: bl2/ext/mcuboot/root-rsa-2048_1.pem"},
	{"0e2aa51f06578eac107065a8577507876aa047ef1dc74f7250a6ff7b590ba11d", "TF-M: bl2/ext/mcuboot/root-rsa-3072.pem"},
	{"ebfe363948e8eff9252314dc84e827f37aca7d3a0bb34140eb4f08b548a4ccbd", "TF-M: bl2/ext/mcuboot/root-rsa-3072_1.pem"},
	{"82a5b443594853d4bf0fdd89a914a5dc16f867548207d7077e74d80c063efda9", "TF-M: the second P-256 key of bl2/ext/mcuboot/keys.c"},
	{"4ec3fb3193234e2ed4456e84507ba591bbe2456ea38d1cd80287cfdec268ab6f", "TF-M: the second P-384 key of bl2/ext/mcuboot/keys.c"},
	{"1ae94f6713d7f252f78708fceccca277985650b07e3d6c8efd1296625bbc1ae9", "fwpack: keys/release.pem of its examples"},
	{"69644eff8bc5b2cd95d5ba2c2da9af85aec1d4901a28d47553457cecb9e26f9a", "fwpack: keys/mcu.pem of its examples"},
	{"1b51460a6b91387d87da693a8b7f85843f7c30c85e97405228be159d4f5ab662", "fwpack: keys/mcu-bootloader.pem of its examples"},
	{"c7aba2cf305b96450b7a9068adb5ee9b2259bff4a0fe4b0f60310dff317c5fc3", "fwpack: testdata/keys/rsa1024.pem"},
	{"66c0f8fcae49e43e79be293b52f65a37a7ec422ba7062b7d1767e0d76baa3bf6", "fwpack: testdata/keys/rsa2048.pem"},
	{"097b56c0ed4ab83a94b63145c88a2b5d59bd6b3ede8e31c6fcab724be8b3b9e3", "fwpack: testdata/keys/rsa3072.pem"},
	{"8c41a396e029211ab73173eec625edeb493ee24564246424962fcf953ff98d44", "fwpack: testdata/keys/rsa4096.pem"},
	{"4af59a387724d576212c1e8502dc2128d3b37775d07f3239461737c8d6d1d7ec", "fwpack: testdata/keys/ec-p224.pem"},
	{"84dea3e5c88cd618576649e8f4dee7c7ec1f64dddf933ccafc935595980f65d9", "fwpack: testdata/keys/ec-p256.pem"},
	{"c0aba5df8db9fe34ef1b8eaeb9048dac5d2f499d35a2dc2ecbd02ab243cefdc5", "fwpack: testdata/keys/ec-p384.pem"},
	{"894888f424b7daf1fca4eb99689ca6c962a1f83edb21abc5e47c08cbc55eb537", "fwpack: testdata/keys/ec-p521.pem"},
	{"4bf64462eb9cec0ce430e885e0776fbb484bfd02cbd37cb885ee4d358edf7fd9", "fwpack: testdata/keys/ed25519.pem"},
	{"e065540ad66bf6376b225c5a0b505974681ed90ef1a2e8995c4440ac3e6d3be2", "fwpack: testdata/keys/ca.pem"},
	{"b3818aa4c969290fe12ce3ed20e4849f2f3813ab0de0c4517cf095d9475bb436", "fwpack: testdata/keys/intermediate.pem"},
	{"3e6783649900fde87516e8d6cfcd91a89bbe5f6083f924863bd69a7ed69c7f78", "fwpack: testdata/keys/leaf.pem"},
	{"781ccd12d3b9e4812494867b23473ebea6ec621e77817e957fc587e251888417", "fwpack: testdata/keys/rsa2048-leaf.pem"},
}

// Published says where the private half of the key with this fingerprint (that
// of sign.Fingerprint) is published, "" where no such place is known.
func Published(fingerprint string) string {
	for _, k := range published {
		if fingerprint == "sha256:"+k.hash {
			return k.name
		}
	}
	return ""
}
