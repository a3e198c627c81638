/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_DAEMON_MESSAGES_H
#define DAXTIER_DAEMON_MESSAGES_H

/*
 * MESSAGE_ID of what an operator may want to find or be alarmed by; explained in
 * systemd/daxtier.catalog, which has an entry for each (a test compares the two). Fields that go
 * with them: DAXTIER_DEVICE, DAXTIER_RULE, DAXTIER_STATE, DAXTIER_STEP, DAXTIER_PATH,
 * DAXTIER_VALUE, ERRNO.
 */
#define MESSAGE_CLAIMED "214d377eb0194332ab323484ec181378" /* the dax bus is claimed */
#define MESSAGE_RESTORED                                                                           \
	"fd49be2af72a4b2388409cd64b25911d" /* held kernel settings were put back                   \
					    */
#define MESSAGE_DECIDED                                                                            \
	"381b4659bae6404da1142c2f55683bf8" /* a plan with steps was made for a device */
#define MESSAGE_STEP                                                                               \
	"8a23c0deff494806a402e67fbb34251a" /* one step of a plan was carried out or undone */
#define MESSAGE_ONLINE                                                                             \
	"c250c0a91e4145d6aa7ea5baba643300"		  /* a device is online as its rule says   \
							   */
#define MESSAGE_FAILED "12c5ccf9150c47a9a949a21fdba417c0" /* a plan failed */
#define MESSAGE_MISMATCH                                                                           \
	"717721050d1f469389bb21a4db1e8aa2" /* a device is online, but not as its rule says */
#define MESSAGE_HELD_BACK                                                                          \
	"0c8d36e09e8c48ad98ce5b7b72dbba61" /* the movable guard holds a device back */
#define MESSAGE_CONFIG_INVALID                                                                     \
	"f5fc6b37608741d397c23113bc2e55f1" /* the configuration has errors and was not taken */
#define MESSAGE_INERT                                                                              \
	"8537ad646f42461a9f1a0548531433da" /* the memmap knob has no effect on this host */
#define MESSAGE_RELEASED "e8e475229ce04b38b882bb5f2ef93b41" /* a device's memory was given up */
#define MESSAGE_EJECTED	 "d782cc3e210f401b8fcbeb807bc036f4" /* the same, and its CXL region */
#define MESSAGE_RELEASE_FAILED                                                                     \
	"f2fc47c4a02848e693fcdc41000be48f"		 /* a release failed, and was put back */
#define MESSAGE_STUCK "e432a3d7eb6d43029d358a3565f3ee84" /* memory in use was taken away */
#define MESSAGE_COMPETING                                                                          \
	"08001498968c4feba33c59a37d8347a8" /* somebody else changes a device again and again */
#define MESSAGE_REGION_MADE "88dcf923998047d2a26f61d661a01198" /* a CXL region was made */

#endif
