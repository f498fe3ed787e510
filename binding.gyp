{
  "targets": [
    {
      "target_name": "tcptrace",
      "sources": [
        "native/addon.cc",
        "native/minimal_btf.cc",
        "native/cgroups.cc",
        "native/clock.cc",
        "native/descriptors.cc",
        "native/features.cc",
        "native/fentry.cc",
        "native/flow.cc",
        "native/interfaces.cc",
        "native/iterator.cc",
        "native/iterator_id.cc",
        "native/kernel_btf.cc",
        "native/libbpf_log.cc",
        "native/load_error.cc",
        "native/namespaces.cc",
        "native/options.cc",
        "native/programs.cc",
        "native/reader.cc",
        "native/receive_buffer.cc",
        "native/ring.cc",
        "native/skips.cc",
        "native/sockets.cc",
        "native/tracefs.cc",
        "native/tracer.cc",
        "native/tracer_object.cc",
        "native/updates.cc"
      ],
      "dependencies": ["<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags": ["-Wall", "-Wextra", "-fvisibility=hidden", "-ffile-prefix-map=<!(pwd)=."],
      "cflags_cc": ["-std=gnu++17"],
      "include_dirs": ["build/bpf"],
      "libraries": ["-lbpf"],
      "ldflags": ["-Wl,--disable-new-dtags,-rpath,'$$ORIGIN'"]
    }
  ]
}
