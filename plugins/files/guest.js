registerCapability("files", {});
