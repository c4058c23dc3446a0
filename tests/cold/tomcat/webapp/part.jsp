part ${param.x}
