package mcuboot

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"slices"
)

// secondSector tells whether data is a slot in which the bootloader looks for the
// image in the second sector, to swap by moving sectors down.
func (b *Bootloader) secondSector(data []byte) bool {
	return b.Mode == SwapOffset && b.upgrade() && b.SectorSize > 0 && b.SectorSize < len(data) && len(data) == b.secondarySize()
}

// Verify says what a bootloader will make of an image, rule by rule, in the way
// of MCUboot 2.4's bootutil. Data is the image or a whole slot: with SwapOffset,
// the image of an upgrade stands in the second sector of that. The report ends
// where the bootloader could not go on. An error is about the description of the
// bootloader; what is wrong with the image is in the report.
func Verify(data []byte, b Bootloader) (*Report, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	j := &judge{b: b, data: data, report: &Report{Upgrade: UpgradeNone}}
	if b.secondSector(data) {
		j.data, j.first = data[b.SectorSize:], data[:b.SectorSize]
	}
	for _, r := range rules() {
		if r.applies != nil && !r.applies(j) {
			continue
		}
		if stop := j.record(r); stop {
			break
		}
	}
	j.report.Image = j.clear
	if j.report.Image == nil {
		j.report.Image = j.img
	}
	return j.report, nil
}

// judge has what the rules share. They run in order, and set it as they go.
type judge struct {
	b      Bootloader
	data   []byte // begins with the image
	first  []byte // what has to be empty in front of it
	report *Report

	img   *Image   // as it is stored
	rest  []byte   // what follows it
	clear *Image   // the body decrypted; nil where that is not possible
	input *content // of clear
}

// check is a rule at work.
type check struct {
	rule    Rule
	applies func(*judge) bool // nil means always
	check   func(*judge) (detail string, err error)
	fatal   bool // nothing makes sense after it failed
}

// uncheckedError is a reason why a rule could not be checked.
type uncheckedError string

func (e uncheckedError) Error() string { return string(e) }

func rules() []check {
	return []check{
		{RuleHeader, nil, (*judge).header, true},
		{RuleBootable, nil, (*judge).bootable, false},
		{RuleStructure, nil, (*judge).structure, true},
		{RuleSize, nil, (*judge).size, false},
		{RuleAllowList, func(j *judge) bool { return !j.b.NoAllowList }, (*judge).allowList, false},
		{RuleDecryption, func(j *judge) bool { return j.img.Encrypted() }, (*judge).decryption, false},
		{RuleHash, func(j *judge) bool { return !j.b.Pure }, (*judge).hash, false},
		{RuleSignature, func(j *judge) bool { return !j.b.Unsigned }, (*judge).signature, false},
		{RuleCompression, func(j *judge) bool { return j.img.Header.Flags&flagsCompressed != 0 }, (*judge).compression, false},
		{RuleCounter, func(j *judge) bool { return j.b.SecurityCounter != nil || j.b.InstalledCounter != nil }, (*judge).counter, false},
		{RuleVendor, func(j *judge) bool { return j.b.VendorID != nil }, (*judge).vendor, false},
		{RuleClass, func(j *judge) bool { return j.b.ClassID != nil }, (*judge).class, false},
		{RuleBootRecord, func(j *judge) bool { return j.b.MaxBootRecord != 0 }, (*judge).bootRecord, false},
		{RuleVersion, func(j *judge) bool { return j.b.Installed != nil && !j.b.Primary }, (*judge).version, false},
		{RuleDependencies, nil, (*judge).dependencies, false},
		{RuleAddress, (*judge).hasAddress, (*judge).address, false},
		{RuleTrailer, nil, (*judge).trailer, false},
	}
}

// record checks a rule and tells whether the report ends with it.
func (j *judge) record(r check) (stop bool) {
	detail, err := r.check(j)
	f := Finding{r.rule, Passed, detail}
	if err != nil {
		f.Outcome, f.Detail = Failed, err.Error()
		if _, ok := errors.AsType[uncheckedError](err); ok {
			f.Outcome = Unchecked
		}
	}
	j.report.Findings = append(j.report.Findings, f)
	return f.Outcome == Failed && r.fatal
}

// header checks what the bootloader's boot_is_header_valid does.
func (j *judge) header() (string, error) {
	if _, _, err := parseHeader(j.first); err == nil {
		return "", errors.New("it begins in the first sector: this bootloader looks in the second")
	}
	h, o, err := parseHeader(j.data)
	if err != nil {
		return "", headerProblem(err, j.data)
	}
	size := uint64(h.Size) + uint64(h.ImageSize) + uint64(h.ProtectedSize)
	f := h.Flags
	switch slot := j.slotSize(); {
	case o == BigEndian:
		return "", errors.New("big-endian: bootloaders read little-endian")
	case size > 1<<32-1:
		return "", fmt.Errorf("sizes of %d bytes together: want at most 4294967295", size)
	case slot != 0 && size >= uint64(slot):
		return "", fmt.Errorf("sizes of %d bytes together: want less than the slot's %d", size, slot)
	case f&flagsEncrypted != 0 && j.b.EncryptionTLV == 0:
		return "", fmt.Errorf("flags %s: this bootloader decrypts nothing", f)
	case f&flagsEncrypted == flagsEncrypted:
		return "", fmt.Errorf("flags %s: two sizes of AES key", f)
	case f&flagsCompressed != 0 && !j.b.Compression:
		return "", fmt.Errorf("flags %s: this bootloader decompresses nothing", f)
	case f&FlagLZMA1 != 0 && f&FlagLZMA2 != 0:
		return "", fmt.Errorf("flags %s: two compressions", f)
	}
	return fmt.Sprintf("version %s, flags %s", h.Version, f), nil
}

// headerProblem tells erased flash from damage.
func headerProblem(err error, data []byte) error {
	for _, empty := range []byte{0x00, 0xff} {
		if len(data) >= 4 && bytes.Equal(data[:4], bytes.Repeat([]byte{empty}, 4)) {
			return errors.New("no image: the flash is erased")
		}
	}
	return bare(err)
}

// bare returns err without the name of the package.
func bare(err error) error {
	if f, ok := errors.AsType[*FormatError](err); ok {
		return fmt.Errorf("offset %#x: %s: %s", f.Offset, f.Field, f.Msg)
	}
	return err
}

// slotSize returns the size of the slot that the image is in, or 0.
func (j *judge) slotSize() int {
	if j.b.upgrade() {
		return j.b.secondarySize()
	}
	return j.b.SlotSize
}

func (j *judge) bootable() (string, error) {
	if h, _, err := parseHeader(j.data); err == nil && h.Flags&FlagNonBootable != 0 {
		return "", errors.New("flag NON_BOOTABLE: the bootloader passes the image by")
	}
	return "", nil
}

// structure reads the TLVs. Everything after it needs them.
func (j *judge) structure() (string, error) {
	img, rest, err := Parse(j.data)
	if err != nil {
		return "", bare(err)
	}
	j.img, j.rest = img, rest
	if !img.Encrypted() || !j.b.upgrade() && j.b.Mode != RAMLoad {
		err = j.setClear(img)
	}
	return fmt.Sprintf("%d protected, %d unprotected", len(img.Protected), len(img.Unprotected)), err
}

func (j *judge) setClear(img *Image) (err error) {
	j.input, err = img.content()
	j.clear = img
	return err
}

func (j *judge) size() (string, error) {
	if j.b.SlotSize == 0 {
		return "", uncheckedError("the size of the slot is not known")
	}
	if j.b.SectorSize == 0 && (j.b.Mode == SwapMove || j.b.Mode == SwapOffset) {
		return "", uncheckedError("the size of the flash's sectors is not known")
	}
	fit, err := j.b.Fit(j.img)
	if err != nil {
		return "", err
	}
	if free := fit.Free(); free < 0 {
		return "", fmt.Errorf("%d bytes with all that the bootloader needs: %d more than the slot of %d has", fit.Used(), -free, fit.Slot)
	}
	return fmt.Sprintf("%d bytes free", fit.Free()), nil
}

// allowList is bootutil's list of unprotected entries.
func (j *judge) allowList() (string, error) {
	allowed := []TLVType{
		TLVKeyHash, TLVPubKey, TLVSHA256, TLVSHA384, TLVSHA512,
		TLVRSA2048, TLVECDSA224, TLVECDSA, TLVRSA3072, TLVEd25519,
		TLVEncRSA2048, TLVEncKW, TLVEncEC256,
	}
	if j.b.EncryptionTLV == TLVEncX25519SHA512 {
		allowed = append(allowed, TLVEncX25519SHA512)
	} else {
		allowed = append(allowed, TLVEncX25519)
	}
	if j.b.Pure {
		allowed = append(allowed, TLVSigPure)
	}
	for _, tlv := range j.img.Unprotected {
		if !slices.Contains(allowed, tlv.Type) {
			return "", fmt.Errorf("%s in the unprotected area", tlv.Type)
		}
	}
	return "", nil
}

// decryption finds the wrapped key and opens it.
func (j *judge) decryption() (string, error) {
	if j.clear != nil {
		return "in the clear in this slot", nil
	}
	tlv, ok := Find(j.img.Unprotected, j.b.EncryptionTLV)
	if !ok {
		return "", fmt.Errorf("no %s with the image key", j.b.EncryptionTLV)
	}
	if want := encTLVSize(tlv.Type, j.b.AES256); len(tlv.Value) != want {
		return "", fmt.Errorf("%s of %d bytes: want %d", tlv.Type, len(tlv.Value), want)
	}
	if j.b.EncryptionKey == nil {
		return "", uncheckedError("the body is encrypted, and no key to decrypt it is given")
	}
	key, err := UnwrapKey(tlv, j.b.EncryptionKey)
	if err != nil {
		return "", err
	}
	clear, err := j.img.Crypt(key)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("AES-%d", 8*len(key)), j.setClear(clear)
}

// errEncrypted is why whatever depends on the body is unchecked.
const errEncrypted = uncheckedError("the body is encrypted")

func (j *judge) hash() (string, error) {
	if j.clear == nil {
		return "", errEncrypted
	}
	found := ""
	for _, tlv := range j.img.Unprotected {
		hash := hashOf(tlv.Type)
		if hash == 0 || j.b.hash() != 0 && hash != j.b.hash() {
			continue
		}
		if !bytes.Equal(tlv.Value, j.input.sum(hash)) {
			return "", fmt.Errorf("%s does not match the image", tlv.Type)
		}
		found = fmt.Sprintf("%s %x", tlv.Type, tlv.Value)
	}
	if found != "" {
		return found, nil
	}
	if j.b.hash() == 0 {
		return "", errors.New("no digest")
	}
	return "", fmt.Errorf("no %s digest", j.b.hash())
}

func (j *judge) compression() (string, error) {
	switch {
	case j.clear == nil:
		return "", errEncrypted
	case j.b.Decompress == nil:
		return "", uncheckedError("no decompressor is given")
	}
	size, err := j.number(TLVDecompSize)
	if err != nil {
		return "", err
	}
	const maxDecompressed = 1 << 28 // far beyond any flash that MCUboot manages
	if size > maxDecompressed {
		return "", fmt.Errorf("%s %d: want at most %d", TLVDecompSize, size, maxDecompressed)
	}
	stored, err := j.compressedBody()
	if err != nil {
		return "", err
	}
	body, err := j.b.Decompress(stored, j.img.Header.Flags&FlagARMThumb != 0, int64(size))
	if err != nil {
		return "", err
	}
	if len(body) != int(size) {
		return "", fmt.Errorf("%d bytes: %s says %d", len(body), TLVDecompSize, size)
	}
	return j.original(body)
}

// compressedBody returns the body without what encryption added to it.
func (j *judge) compressedBody() ([]byte, error) {
	if !j.img.Encrypted() {
		return j.clear.Body, nil
	}
	size, err := j.number(TLVCompDecSize)
	if err != nil {
		return nil, err
	}
	if uint64(size) > uint64(len(j.clear.Body)) {
		return nil, fmt.Errorf("%s %d: the body has %d bytes", TLVCompDecSize, size, len(j.clear.Body))
	}
	return j.clear.Body[:size], nil
}

// original checks the image that was compressed.
func (j *judge) original(body []byte) (string, error) {
	img, err := j.clear.Decompressed(body)
	if err != nil {
		return "", err
	}
	input, err := img.content()
	if err != nil {
		return "", err
	}
	digest, _ := Find(j.img.Protected, TLVDecompSHA)
	hash := j.b.hash()
	for _, h := range KeyType(0).hashes(false) {
		if hash == 0 && len(digest.Value) == h.Size() {
			hash = h
		}
	}
	if hash == 0 || !bytes.Equal(digest.Value, input.sum(hash)) {
		return "", fmt.Errorf("%s is not that of what comes out", TLVDecompSHA)
	}
	return fmt.Sprintf("%d bytes", len(body)), j.originalSignature(input)
}

func (j *judge) originalSignature(input *content) error {
	if j.b.Unsigned || len(j.b.Keys) == 0 {
		return nil // the rule about signatures says that none are checked
	}
	tlv, ok := Find(j.img.Protected, TLVDecompSignature)
	if !ok {
		return fmt.Errorf("no %s", TLVDecompSignature)
	}
	if !slices.ContainsFunc(j.b.Keys, func(key crypto.PublicKey) bool { return j.by(key).verify(input, tlv.Value) }) {
		return fmt.Errorf("%s is by no trusted key, or of another image", TLVDecompSignature)
	}
	return nil
}

// number returns the u32 in a protected entry.
func (j *judge) number(t TLVType) (uint32, error) {
	tlv, ok := Find(j.img.Protected, t)
	switch {
	case !ok:
		return 0, fmt.Errorf("no %s", t)
	case len(tlv.Value) != 4:
		return 0, fmt.Errorf("%s of %d bytes: want 4", t, len(tlv.Value))
	}
	return j.img.ByteOrder.reader().Uint32(tlv.Value), nil
}
