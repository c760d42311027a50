package pack

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/diag"
)

// imageHeader is in front of what the tests of mistakes add; places count from the
// line behind it.
const brokenHead = `schema = 1
project = { name = "mcu", version = "9.9.9" }
vars = { "image.fixed.version" = "1" }
[keys]
mcu = { key = "KEYS/ed25519.pem" }
far = { public = "KEYS/ed25519.pub.pem" }
enc = { public = "KEYS/ec-p256.pub.pem" }
aes = { aes = { file = "device.aes" } }
fresh = { aes = { fresh = true } }
cmd = { command = ["sign"], public = "KEYS/rsa2048.pub.pem", scheme = "rsa-pss" }
`

// goodImage is an image that nothing is wrong with.
const goodImage = "[[image]]\nname = 'a'\ninput = 'fw.bin'\nversion = '1.2.3'\nheader-size = 32\npad-header = true\nslot-size = 65536\n"

const output = "output = 'good.bin'\n"

// imageProblems loads and plans a project and returns its problems, one a line.
func imageProblems(t *testing.T, rest string) string {
	t.Helper()
	keys := filepath.ToSlash(must(filepath.Abs(testKeys)))
	head := strings.ReplaceAll(brokenHead, "KEYS", keys)
	dir := files{"fw.bin": testFirmware(400), "boot.bin": "boot", "device.aes": deviceAES, "large.tlv": strings.Repeat("x", 1<<16), "fwpack.toml": head + rest}.write(t)
	loaded, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
	if loaded != nil {
		_, err = loaded.Plan(Selection{})
	}
	return problemLines(t, err, dir, strings.Count(brokenHead, "\n"))
}

// problemLines are the problems of a list, with places that count from line first.
func problemLines(t *testing.T, err error, dir string, first int) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var list diag.List
	if !errors.As(err, &list) {
		t.Fatalf("not a list: %v", err)
	}
	var lines []string
	for _, d := range list {
		line := fmt.Sprintf("%d:%d: %s", d.Pos.Line-first, d.Pos.Col, d.Msg)
		if d.Hint != "" {
			line += " (" + d.Hint + ")"
		}
		lines = append(lines, line)
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), dir+string(filepath.Separator), "")
}

func checkWrongImages(t *testing.T, tests []wrong) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := imageProblems(t, test.rest); got != strings.TrimSpace(test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, strings.TrimSpace(test.want))
			}
		})
	}
}

// What the tests of mistakes begin with is right.
func TestImageGood(t *testing.T) {
	if got := imageProblems(t, goodImage+output); got != "" {
		t.Error(got)
	}
}

func TestImageValues(t *testing.T) {
	checkWrongImages(t, []wrong{
		{"everything is missing", "[[image]]\n", `
1:3: name is missing
1:3: image "": input is missing
1:3: image "": version is missing
1:3: image "": header-size is missing (it is the size that the firmware leaves in front of its vector table, such as 0x200)
1:3: image "": slot-size is missing (without it nobody knows whether the image fits)`},
		{"unknown", goodImage + "slotsize = 1\nencrypted = 'enc'\n", `
8:1: unknown key slotsize (did you mean slot-size?)
9:1: unknown key encrypted (did you mean encrypt?)`},
		{"types", goodImage + "sign = 7\nencrypt = []\nboard = 5\nsoc = true\nvendor-id = 5\nboot-record = 1\npure = 'yes'\nnumber = 1.5\ntrust = 'mcu'\noutput = 3\noutputs = 'x'\ntlv = 1\nfactory = 'boot.bin'\nbootloader = 4\ndependencies = 5\n", `
8:8: sign is an integer, and must be a string
9:11: encrypt is an array, and must be a string
10:9: board is an integer, and must be a string
11:7: soc is a boolean, and must be a string
12:13: vendor-id is an integer, and must be a string
13:15: boot-record is an integer, and must be a string
14:8: pure "yes": want true or false
14:8: pure does nothing without sign
15:10: number is a float, and must be a string, an integer or a boolean
16:9: trust does nothing without sign
16:9: trust is a string, and must be an array of strings
17:10: output is an integer, and must be a string
18:11: outputs is a string, and must be a table
19:7: tlv is an integer, and must be an array of tables [[tlv]]
20:11: factory is a string, and must be an array of tables [[factory]]
21:14: bootloader is an integer, and must be a table
22:16: dependencies is an integer, and must be a table`},
		{"float version", strings.Replace(goodImage, "'1.2.3'", "1.2", 1), `4:11: version is a float, and must be a string`},
		{"numbers", strings.Replace(goodImage, "header-size = 32", "header-size = 31", 1) + "number = 256\nslot-address = -1\nalign = 3\nmax-align = 4\nmax-sectors = 0\nerased-value = 1\nload-address = 0x100000000\nsecurity-counter = -1\n", `
5:15: header-size "31": want 32 to 65535 bytes
8:10: number "256": want a number from 0 to 255
9:16: slot-address "-1": want a number from 0 to 0xffffffff
10:9: align "3": want one of 1 2 4 8 16 32
11:13: max-align "4": want one of 8 16 32
12:15: max-sectors "0": want a number from 1 to 1048576
13:16: erased-value "1": want one of 0xff, 0
14:16: load-address "0x100000000": want a number from 0 to 0xffffffff
15:20: security-counter "-1": want auto, or a number from 0 to 0xffffffff`},
		{"words", goodImage + "sign = 'mcu'\nhash = 'md5'\nkey-tlv = 'none'\nendian = 'middle'\ncompress = 'lzma'\npad-signature = 'maybe'\nnon-bootable = 2\nsave-enctlv = 'no'\nboot-record = 'thirteen char'\nclass-id = 'a'\nvendor-id = \"a\\u0000\"\n", `
9:8: hash "md5": want one of sha256, sha384, sha512
10:11: key-tlv "none": want one of keyhash, pubkey
11:10: endian "middle": want one of little, big
12:12: compress "lzma": want one of none, lzma2, lzma2-arm-thumb
13:17: pad-signature "maybe": want true or false
14:16: non-bootable "2": want true or false
15:15: save-enctlv "no": want one of true, false
16:15: boot-record "thirteen char": 13 characters: want at most 12
17:12: class-id "a": identifier "a": a class that is no UUID needs a vendor
18:13: vendor-id "a\x00": identifier "a\x00": want a UUID or printable text`},
		{"versions", strings.Replace(goodImage, "1.2.3", "256.0", 1), `4:11: version "256.0": major 256: want at most 255`},
		{"names", strings.ReplaceAll(goodImage, "'a'", "'a/b'") + goodImage + goodImage + strings.ReplaceAll(goodImage, "'a'", "'fixed'"), `
2:8: image name "a/b": want one that a file can have
16:8: image name "a" is taken: names are unique
23:8: variable image.fixed.version is there already: it is the version of this image`},
		{"empty", goodImage + "sign = ''\noutput = ''\noutputs = { test = '', ota = [''] }\nzephyr = ''\n", `
8:8: sign is empty
9:10: output is empty
10:20: test is empty
10:30: ota stands beside output, which is the same: one of the two is allowed
10:31: an element of ota is empty
11:10: zephyr is empty`},
		{"undefined variable", goodImage + "output = '@@NOPE@@'\n", `8:10: undefined variable "NOPE"`},
	})
}

func TestImageContradictions(t *testing.T) {
	checkWrongImages(t, []wrong{
		{"without sign", goodImage + "pure = true\npad-signature = true\nkey-tlv = 'pubkey'\ntrust = ['mcu']\n", `
8:8: pure does nothing without sign
9:17: pad-signature does nothing without sign
10:11: key-tlv does nothing without sign
11:9: trust does nothing without sign`},
		{"without encrypt", goodImage + "aes-key-size = 128\nhmac = 'sha512'\n", `
8:16: aes-key-size does nothing without encrypt
9:8: hmac does nothing without encrypt`},
		{"addresses", goodImage + "load-address = 0x20000000\nrom-fixed = 0x8000\n", `9:13: rom-fixed stands beside load-address: one of the two is allowed`},
		{"pure with hash", goodImage + "sign = 'mcu'\npure = true\nhash = 'sha512'\n", `10:8: hash does nothing with pure: its hash is SHA-512`},
		{"hmac", goodImage + "encrypt = 'enc'\nhmac = 'sha384'\n", `9:8: hmac "sha384": want one of sha256, sha512`},
		{"recipients", goodImage + "encrypt = 'nobody'\n" + strings.Replace(goodImage, "'a'", "'b'", 1) + "encrypt = 'fresh'\n" + strings.Replace(goodImage, "'a'", "'c'", 1) + "encrypt = 'cmd'\n", `
8:11: key "nobody" is not declared (declare it as [keys.nobody] with public = "FILE", or for AES key wrap with aes)
16:11: key "fresh" is drawn for each artifact: the bootloader has one that it decrypts with`},
		{"signers", goodImage + "sign = 'mcuu'\n" + strings.Replace(goodImage, "'a'", "'b'", 1) + "sign = 'aes'\n" + strings.Replace(goodImage, "'a'", "'c'", 1) + "sign = 'cmd'\ntrust = ['nobody', '']\n", `
8:8: key "mcuu" is not declared (did you mean mcu?)
16:8: key "aes" is an AES key and cannot sign
24:8: key "cmd" is a command, which signs bundles alone: want a key file, pkcs11: or plugin:
25:10: key "nobody" is not declared (declare it as [keys.nobody])
25:20: an element of trust is empty`},
		{"compressed elsewhere", goodImage + "sign = 'far'\ncompress = 'lzma2'\n", `9:12: image "a": a compressed image holds two signatures: key "far" has to be at hand`},
		{"bootloader decrypts nothing", goodImage + "encrypt = 'enc'\nbootloader = { encryption = 'none' }\n", `8:11: image "a": its bootloader decrypts nothing: encryption is none`},
		{"direct-xip", goodImage + "encrypt = 'enc'\nbootloader = { mode = 'direct-xip' }\n", `8:11: image "a": with mode direct-xip nothing is decrypted`},
		{"big-endian", goodImage + "encrypt = 'enc'\nendian = 'big'\n", `8:11: image "a": no bootloader decrypts a big-endian image`},
		{"ram-load", goodImage + "bootloader = { mode = 'ram-load' }\n", `1:3: image "a": load-address is missing (with mode ram-load the image says where it is loaded to)`},
		{"sector size", goodImage + "bootloader = { mode = 'swap-move' }\n", `1:3: image "a": sector-size is missing (the room in the slot depends on it with mode swap-move)`},
		{"alignment", goodImage + "align = 32\nmax-align = 8\n", `1:3: image "a": its bootloader: maximal alignment 8: want at least the alignment, 32`},
		{"signature", goodImage + "sign = 'mcu'\nbootloader = { mode = 'single-slot', signature = 'ed25519', hash = 'sha384' }\n", `3:9: image "a": hash SHA-384 with a key of type ed25519: want one of [SHA-256 SHA-512]`},
		{"unsigned", goodImage + "bootloader = { mode = 'single-slot', signature = 'ed25519' }\n", `1:3: image "a": rule "signature": the image is not signed: the bootloader wants a signature by a key of type ed25519`},
		{"demands", goodImage + "bootloader = { mode = 'single-slot', demands = 'security-counter', vendor-id = 'example.com', class-id = 'x', max-boot-record = 100, verify-address = true, slot-address = 0x8000 }\n", `
1:3: image "a": rule "security counter": no SEC_CNT
1:3: image "a": rule "vendor": no UUID_VID
1:3: image "a": rule "class": no UUID_CID
1:3: image "a": rule "boot record": none, and this bootloader measures
1:3: image "a": rule "address": reset vector 0x342d261f: want it in the slot, 0x8000 to 0x18000`},
		{"padding", goodImage + "sign = 'mcu'\npad-signature = true\nbootloader = { padded-signatures = false }\n", `9:17: image "a": its bootloader takes no padded signatures: padded-signatures is false`},
		{"pure with SHA-256", goodImage + "sign = 'mcu'\nbootloader = { mode = 'single-slot', pure = true, hash = 'sha256' }\n", `1:3: image "a": rule "signature": KEYHASH of 64 bytes: this bootloader's SHA-256 has 32`},
		{"key TLV", goodImage + "sign = 'mcu'\nkey-tlv = 'keyhash'\nbootloader = { mode = 'single-slot', signature = 'ed25519', key-tlv = 'pubkey' }\n", `1:3: image "a": rule "signature": no PUBKEY with the key`},
		{"no use", goodImage, `1:3: image "a": output is missing, and nothing else that is built holds the image`},
		{"twice", goodImage + "align = 8\nbootloader = { write-size = 4, slot-size = 4096 }\n", `
7:13: slot-size stands beside slot-size of [image.bootloader]: one of the two is allowed
8:9: align stands beside write-size of [image.bootloader]: one of the two is allowed`},
	})
}

func TestImageOutputsWrong(t *testing.T) {
	checkWrongImages(t, []wrong{
		{"twice", goodImage + "output = 'a.bin'\noutputs = { ota = 'b.bin' }\n", `9:19: ota stands beside output, which is the same: one of the two is allowed`},
		{"unknown purpose", goodImage + "outputs = { otaa = 'b.bin' }\n", `8:13: unknown key otaa (did you mean ota?)`},
		{"names", goodImage + "output = 'x/a.bin'\n" + strings.Replace(goodImage, "'a'", "'b'", 1) + "outputs = { ota = ['a.bin', 'a.bin', 'artifacts.json', '..'] }\n", `
8:10: output "x/a.bin" must be a plain file name other than artifacts.json: it is put into the output folder
9:3: image "b": output "a.bin" is also that of image "b"
16:19: ota "artifacts.json" must be a plain file name other than artifacts.json: it is put into the output folder
16:19: ota ".." must be a plain file name other than artifacts.json: it is put into the output folder`},
		{"mode", goodImage + "outputs = { test = 'a.bin', confirmed = ['b.bin'] }\n", `
8:20: image "a": a.bin: mode is missing in its bootloader: the trailer depends on it
8:41: image "a": b.bin: mode is missing in its bootloader: the trailer depends on it`},
		{"single-slot", goodImage + "outputs = { test = 'a.bin', confirmed = 'b.bin' }\nbootloader = { mode = 'single-slot' }\n", `
8:20: image "a": a.bin: with mode single-slot there is no upgrade: ota and factory are allowed
8:41: image "a": b.bin: with mode single-slot there is no upgrade: ota and factory are allowed`},
		{"overwrite-only", goodImage + "outputs = { test = 'a.bin', confirmed = 'b.bin' }\nbootloader = { mode = 'overwrite-only' }\n", `8:20: image "a": a.bin: with mode overwrite-only there is nothing to go back to: confirmed is allowed`},
		{"addresses", goodImage + "outputs = { ota = 'a.hex', test = 't.hex', factory = 'f.bin' }\nbootloader = { mode = 'swap-scratch' }\n", `
8:19: image "a": a.hex: slot-address is missing: it says where the image goes
8:35: image "a": t.hex: secondary-slot-address is missing: it says where the upgrade goes
8:54: image "a": f.bin: slot-address is missing: it says where the image goes`},
		{"parts", goodImage + "output = 'a.bin'\nfactory = [{ file = 'boot.bin', address = 0 }]\n", `9:21: image "a": factory does nothing without an output for the purpose factory`},
		{"parts that are wrong", goodImage + "outputs = { factory = 'a.hex' }\nslot-address = 0x8000\nfactory = [{}, { file = 'boot.bin' }, { file = 'b.hex', address = 1 }, { file = 'boot.bin', address = -1 }, { fil = 'x' }]\n", `
10:12: file is missing
10:25: boot.bin is binary: address is missing
10:67: address does nothing: b.hex has addresses of its own
10:103: address "-1": want a number from 0 to 0xffffffff
10:109: file is missing
10:111: unknown key fil (did you mean file?)`},
		{"parts that are missing", goodImage + "outputs = { factory = 'a.hex' }\nslot-address = 0x8000\nfactory = [{ file = 'nowhere.hex' }]\n", `10:21: image "a": factory: stat nowhere.hex: no such file or directory`},
		{"parts that overlap", goodImage + "outputs = { factory = 'a.hex' }\nslot-address = 0x8000\nfactory = [{ file = 'boot.bin', address = 0x8100 }]\n", `1:3: image "a": a.hex: 0x8100-0x8103 of boot.bin overlaps 0x8000-0x81d7 of the image`},
		{"parts that are far", goodImage + "outputs = { factory = 'a.bin' }\nslot-address = 0x8000\nfactory = [{ file = 'boot.bin', address = 0x10001000 }]\n", `1:3: image "a": a.bin: an image from 0x8000 to 0x10001003 has 268406788 bytes, 67108864 are allowed: nothing is at 0x81d8-0x10000fff, before 0x10001000-0x10001003 of boot.bin`},
		{"tlvs", goodImage + "tlv = [{ type = 0xa0 }, { value = 'x' }, { hex = '1' , type = '0xa1' }, { type = 0x50, value = 'x' }, { type = 0xa0, value = 'x', hex = '00' }, { type = 0xa3, file = 'large.tlv' }, { type = 0xa4, file = 'nowhere' }, { type = 0xa5, valu = 'x' }, { type = [1], value = 'x' }]\n", `
8:8: a TLV is given by exactly one of value, hex and file
8:25: type is missing
8:50: hex "1": want pairs of hexadecimal digits
8:82: type 80: want 0xa0 to 0xfffe
8:103: a TLV is given by exactly one of value, hex and file
8:112: type 0xa0 is taken: types are unique
8:167: image "a": tlv: large.tlv: 65536 bytes: a TLV has at most 65535
8:204: image "a": tlv: stat nowhere: no such file or directory
8:217: a TLV is given by exactly one of value, hex and file
8:232: unknown key valu (did you mean value?)
8:255: type is an array, and must be a string, an integer or a boolean`},
		{"dependencies", goodImage + "dependencies = { b = '2.0', nobody = '1', 0 = '1.0', 1 = 'x', 7 = 3 }\n" + strings.Replace(goodImage, "'a'", "'b'", 1) + "number = 1\ndependencies = { a = '1.2.4' , 0 = '1.2.3', b = '1.0' }\n", `
8:22: image "a": wants at least version 2.0.0+0 of image "b", which is 1.2.3+0
8:38: dependency "nobody" is neither an image of the project nor the number of one
8:47: dependency "0" has the number of the image itself, 0: number tells images apart
8:58: 1: version "x": want MAJOR[.MINOR[.REVISION[+BUILD]]], decimal, without leading zeros
8:67: 7 is an integer, and must be a string
17:22: image "b": wants at least version 1.2.4+0 of image "a", which is 1.2.3+0
17:36: dependency "0": image 0 is there already
17:49: dependency "b" has the number of the image itself, 1: number tells images apart`},
	})
}

func TestBootloaderWrong(t *testing.T) {
	checkWrongImages(t, []wrong{
		{"unknown", goodImage + "bootloader = 'mian'\n[bootloader.main]\nmode = 'swap-moves'\nslot_size = 1\nboard = 'nrf52840'\n", `
8:14: bootloader "mian" is not declared (did you mean main?)
10:8: mode "swap-moves": want one of swap-scratch, swap-move, swap-offset, overwrite-only, direct-xip, ram-load, single-slot
11:1: unknown key slot_size (did you mean slot-size?)
12:9: board "nrf52840" is not known: leave it out, and say its sizes here`},
		{"contradicts", goodImage + "bootloader = 'main'\n[bootloader.main]\nwrite-size = 16\nmax-align = 8\n[bootloader.xip]\nmode = 'direct-xip'\nencryption = 'rsa-2048'\n", `
3:9: image "a": maximal alignment 8: want at least the alignment, 16
9:2: bootloader "main": maximal alignment 8: want at least the alignment, 16
12:2: bootloader "xip": encryption with direct-xip: there is no such bootloader`},
		{"values", goodImage + "[bootloader.main]\nslot-size = 0\nslot-address = 'x'\nsector-size = -1\nsignature = 'dsa'\npure = 1\nhash = 'sha1'\nkey-tlv = 'x'\nallow-list = 'x'\nencryption = 'x'\naes-key-size = 192\ndemands = 'x'\nsecurity-counter = 'auto'\ninstalled-version = 'x'\nimage-versions = 'x'\nclass-id = 'x'\nram-size = 'x'\n", `
9:13: slot-size "0": want more than 0 bytes
10:16: slot-address "x": want a number from 0 to 0xffffffff
11:15: sector-size "-1": want a number of bytes up to 2 GiB, such as 0x60000 or 384K
12:13: signature "dsa": want one of none, rsa-2048, rsa-3072, ecdsa-p256, ecdsa-p384, ed25519
13:8: pure "1": want one of true, false
14:8: hash "sha1": want one of sha256, sha384, sha512
15:11: key-tlv "x": want one of keyhash, pubkey, none
16:14: allow-list "x": want one of true, false
17:14: encryption "x": want one of none, rsa-2048, aes-kw, ecies-p256, ecies-x25519, ecies-x25519-sha512
18:16: aes-key-size "192": want one of 128 256
19:11: demands "x": want security-counter, version or both, with commas between
20:20: security-counter "auto": want a number from 0 to 0xffffffff
21:21: installed-version "x": want a version such as 1.7.0+12
22:18: image-versions "x": want versions by the number of their image, such as 0=1.7.0+12, 1=0.3.0
23:12: class-id "x": identifier "x": a class that is no UUID needs a vendor
24:12: ram-size "x": want a number from 0 to 0xffffffff`},
		{"no table", goodImage + "[bootloader]\nmain = 5\n", `9:8: main is an integer, and must be a table`},
	})
}

func TestImageArtifactsWrong(t *testing.T) {
	const artifact = "[[artifact]]\nname = 'x'\nimage = 'a'\n"
	checkWrongImages(t, []wrong{
		{"unknown image", goodImage + "output = 'a.bin'\n[[artifact]]\nname = 'x'\nimage = 'aa'\n", `11:9: image "aa" is not declared (did you mean a?)`},
		{"unknown purpose", goodImage + "output = 'a.bin'\n" + artifact + "purpose = 'otaa'\n", `12:11: purpose "otaa" is unknown: ota, test, confirmed and factory are allowed`},
		{"beside a file", goodImage + "output = 'a.bin'\n" + artifact + "file = 'x'\ndelta = { url = 'x' }\n", `
12:8: file stands beside image: one of the two is allowed
13:9: delta is for a file, not for an image`},
		{"purpose that the bootloader does not know", goodImage + "output = 'a.bin'\n" + artifact + "purpose = 'test'\n", `11:9: image "a": purpose test: mode is missing in its bootloader: the trailer depends on it`},
		{"purpose of a file", goodImage + "output = 'a.bin'\n[[artifact]]\nname = 'x'\nfile = 'fw.bin'\npurpose = 'ota'\n", `12:1: unknown key purpose (known here: compress, delta, encrypt, file, level, name)`},
		{"name of another image", goodImage + "output = 'a.bin'\n" + strings.Replace(goodImage, "'a'", "'b'", 1) + "output = 'b.bin'\n[[artifact]]\nname = 'a'\nimage = 'b'\n", `18:8: artifact name "a" is taken: names are unique`},
	})
}
