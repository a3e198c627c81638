/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_VARIANT_BUS_NAME_H
#define DAXTIER_VARIANT_BUS_NAME_H

/* What org.daxtier1 is called on the bus, for the daemon and its clients. */

#define DAXTIER_BUS_NAME	  "org.daxtier1"
#define DAXTIER_BUS_PATH	  "/org/daxtier1"
#define DAXTIER_BUS_DEVICE_PREFIX "/org/daxtier1/device"
#define DAXTIER_MANAGER_INTERFACE "org.daxtier1.Manager"
#define DAXTIER_DEVICE_INTERFACE  "org.daxtier1.Device"

/* What polkit is asked for; conf/org.daxtier1.policy declares it. */
#define DAXTIER_POLKIT_ACTION "org.daxtier1.manage"

#define DAXTIER_ERROR_CONFIG_INVALID "org.daxtier1.Error.ConfigInvalid"
#define DAXTIER_ERROR_NO_SUCH_DEVICE "org.daxtier1.Error.NoSuchDevice"
#define DAXTIER_ERROR_FAILED	     "org.daxtier1.Error.Failed"
/* Of Apply and Release. The messages of the last three are those of the step, with its errno. */
#define DAXTIER_ERROR_BUSY	  "org.daxtier1.Error.Busy" /* another call waits for the device */
#define DAXTIER_ERROR_REFUSED	  "org.daxtier1.Error.Refused" /* nothing was tried: the reason */
#define DAXTIER_ERROR_STEP_FAILED "org.daxtier1.Error.StepFailed"
#define DAXTIER_ERROR_DEADLINE	  "org.daxtier1.Error.Deadline" /* put back, as it took too long */
#define DAXTIER_ERROR_CANCELED	  "org.daxtier1.Error.Canceled" /* put back, by another call */

#endif
