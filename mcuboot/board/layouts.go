package board

const kib = 1024

// layouts has a comment on each board: the files of zephyrproject-rtos/zephyr that
// its figures are from, and the commit each was read at.
var layouts = []layout{
	// boards/nordic/nrf52dk/nrf52dk_nrf52832.dts at 1bff7f600c0a
	// dts/arm/nordic/nrf52832.dtsi at 00b3d33e082f
	{"nrf52dk/nrf52832", "nrf52832", slot{0xc000, 0x37000}, slot{0x43000, 0x37000}, 4, 4096},

	// boards/nordic/nrf52833dk/nrf52833dk_nrf52833.dts at 0fdf109184fb
	// dts/arm/nordic/nrf52833.dtsi at 00b3d33e082f
	{"nrf52833dk/nrf52833", "nrf52833", slot{0xc000, 0x37000}, slot{0x43000, 0x37000}, 4, 4096},

	// dts/vendor/nordic/nrf52840_partition.dtsi at 7c341bcf7c7c
	// dts/arm/nordic/nrf52840.dtsi at 00110538b1b5
	{"nrf52840dk/nrf52840", "nrf52840", slot{0xc000, 0x76000}, slot{0x82000, 0x76000}, 4, 4096},

	// dts/vendor/nordic/nrf5340_cpuapp_partition.dtsi at 173c1190aae3, which
	// nrf5340_cpuapp_common.dtsi of the board includes at 0225b4db0265
	// dts/arm/nordic/nrf5340_cpuapp_ns.dtsi at 08cdd4764386
	{"nrf5340dk/nrf5340/cpuapp", "nrf5340", slot{0x10000, 0x70000}, slot{0x80000, 0x70000}, 4, 4096},

	// boards/nordic/nrf5340dk/nrf5340dk_nrf5340_cpunet.dts at 44526b9454ac
	// dts/arm/nordic/nrf5340_cpunet.dtsi at 001a8f076c1e
	{"nrf5340dk/nrf5340/cpunet", "nrf5340", slot{0x0100c000, 0x17000}, slot{0x01023000, 0x17000}, 4, 2048},

	// The files of nrf5340dk/nrf5340/cpuapp, which
	// boards/nordic/nrf7002dk/nrf5340_cpuapp_common.dtsi includes at 06758ff20b28
	{"nrf7002dk/nrf5340/cpuapp", "nrf5340", slot{0x10000, 0x70000}, slot{0x80000, 0x70000}, 4, 4096},

	// The files of nrf5340dk/nrf5340/cpuapp, which
	// boards/nordic/thingy53/thingy53_nrf5340_common.dtsi includes at 0de9657567fe
	{"thingy53/nrf5340/cpuapp", "nrf5340", slot{0x10000, 0x70000}, slot{0x80000, 0x70000}, 4, 4096},

	// dts/vendor/nordic/nrf91xx_partition.dtsi at 28cc3ce1fdbd, which
	// nrf9160dk_nrf9160_common.dtsi of the board includes at 249205b31413
	// dts/arm/nordic/nrf91_peripherals.dtsi at 06758ff20b28
	{"nrf9160dk/nrf9160", "nrf9160", slot{0x10000, 0x70000}, slot{0x80000, 0x70000}, 4, 4096},

	// The files of nrf9160dk, which nrf9161dk_nrf9161_common.dtsi includes at 0bc58aa427ad
	{"nrf9161dk/nrf9161", "nrf9161", slot{0x10000, 0x70000}, slot{0x80000, 0x70000}, 4, 4096},

	// The files of nrf9160dk, which nrf9151dk_nrf9151_common.dtsi includes at 0fdf109184fb
	{"nrf9151dk/nrf9151", "nrf9151", slot{0x10000, 0x70000}, slot{0x80000, 0x70000}, 4, 4096},

	// dts/vendor/nordic/nrf54l15_partition.dtsi at 076076c543c3 and
	// nrf54l15_cpuapp_partition.dtsi at 00c28555e9f1
	// dts/vendor/nordic/nrf54l_05_10_15.dtsi at 006195b08489
	{"nrf54l15dk/nrf54l15/cpuapp", "nrf54l15", slot{0x10000, 664 * kib}, slot{0xb6000, 664 * kib}, 16, 4096},

	// dts/vendor/nordic/nrf54l10_cpuapp_partition.dtsi at 067d60421060
	// dts/vendor/nordic/nrf54l_05_10_15.dtsi at 006195b08489
	{"nrf54l15dk/nrf54l10/cpuapp", "nrf54l10", slot{0x10000, 456 * kib}, slot{0x82000, 456 * kib}, 16, 4096},

	// boards/st/nucleo_f429zi/nucleo_f429zi.dts at 03de8aa288b7
	// dts/arm/st/f4/stm32f4.dtsi at 0071cd3e032c, stm32f429Xi.dtsi at 1714a88861db
	// Sectors of 16, 64 and 128 KiB.
	{"nucleo_f429zi/stm32f429xx", "stm32f429xx", slot{0x08020000, 256 * kib}, slot{0x08060000, 256 * kib}, 1, 0},

	// boards/st/nucleo_f767zi/nucleo_f767zi.dts at 19a6a69e3473
	// dts/arm/st/f7/stm32f7.dtsi at 009fcb93056d, stm32f767Xi.dtsi at 01049b73bea8
	// Sectors of 32, 128 and 256 KiB.
	{"nucleo_f767zi/stm32f767xx", "stm32f767xx", slot{0x08040000, 768 * kib}, slot{0x08100000, 768 * kib}, 1, 0},

	// boards/st/nucleo_g431rb/nucleo_g431rb.dts at 02d6d2020cb5
	// dts/arm/st/g4/stm32g4.dtsi at 0283bb405778
	{"nucleo_g431rb/stm32g431xx", "stm32g431xx", slot{0x08008800, 48 * kib}, slot{0x08014800, 42 * kib}, 8, 2048},

	// boards/st/nucleo_g474re/nucleo_g474re.dts at 19a6a69e3473
	// dts/arm/st/g4/stm32g4.dtsi at 0283bb405778, stm32g474Xe.dtsi at 1dab7751b59f
	{"nucleo_g474re/stm32g474xx", "stm32g474xx", slot{0x0800c000, 228 * kib}, slot{0x08045000, 230 * kib}, 8, 2048},

	// boards/st/nucleo_h743zi/nucleo_h743zi.dts at 0225b4db0265
	// dts/arm/st/h7/stm32h743.dtsi at 0761962b672a
	{"nucleo_h743zi/stm32h743xx", "stm32h743xx", slot{0x08040000, 256 * kib}, slot{0x08080000, 256 * kib}, 32, 128 * kib},

	// boards/st/nucleo_wb55rg/nucleo_wb55rg.dts at 0202bd860cbf
	// dts/arm/st/wb/stm32wb.dtsi at 0147f357c680
	{"nucleo_wb55rg/stm32wb55xx", "stm32wb55xx", slot{0x0800c000, 400 * kib}, slot{0x08070000, 400 * kib}, 8, 4096},

	// boards/st/b_u585i_iot02a/b_u585i_iot02a.dts at 19a6a69e3473
	// dts/arm/st/u5/stm32u5.dtsi at 000413c3baac
	{"b_u585i_iot02a/stm32u585xx", "stm32u585xx", slot{0x08010000, 416 * kib}, slot{0x08078000, 416 * kib}, 16, 8192},

	// boards/nxp/frdm_k64f/frdm_k64f.dts at 0fdf109184fb
	// dts/arm/nxp/nxp_k6x.dtsi at 899dcf6d4b13
	{"frdm_k64f/mk64f12", "mk64f12", slot{0x10000, 420 * kib}, slot{0x79000, 420 * kib}, 8, 4096},

	// boards/nxp/mimxrt1060_evk/mimxrt1060_evk_mimxrt1062_qspi.dts at 06758ff20b28
	{"mimxrt1060_evk/mimxrt1062/qspi", "mimxrt1062", slot{0x60020000, 3072 * kib}, slot{0x60320000, 3072 * kib}, 1, 4096},
}
