/*
 * What Node does not offer for sockets: the same bytes to many TCP sockets in one call, bounds on the kernel's own
 * buffers, and the traffic class of datagrams. Sockets stay Node's: they are non-blocking, Node reads from them and closes them; the caller makes sure that
 * nothing is queued on a socket in Node while it is written to here.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static napi_value fail(napi_env env, const char *message) {
  napi_throw_type_error(env, NULL, message);
  return NULL;
}

/*
 * sendMany(fds: Int32Array, count: number, bytes: Uint8Array, results: Int32Array): undefined
 * results[i] is the number of bytes the kernel took (0 when its buffer is full), or the negated errno.
 */
static napi_value SendMany(napi_env env, napi_callback_info info) {
  napi_value args[4];
  size_t argc = 4;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  if (argc != 4) return fail(env, "sendMany takes fds, count, bytes, results");

  napi_typedarray_type type;
  size_t fds_length, bytes_length, results_length;
  void *fds_data, *bytes_data, *results_data;
  if (napi_get_typedarray_info(env, args[0], &type, &fds_length, &fds_data, NULL, NULL) != napi_ok || type != napi_int32_array)
    return fail(env, "fds must be an Int32Array");
  uint32_t count;
  if (napi_get_value_uint32(env, args[1], &count) != napi_ok) return fail(env, "count must be a number");
  if (napi_get_typedarray_info(env, args[2], &type, &bytes_length, &bytes_data, NULL, NULL) != napi_ok || type != napi_uint8_array)
    return fail(env, "bytes must be a Uint8Array");
  if (napi_get_typedarray_info(env, args[3], &type, &results_length, &results_data, NULL, NULL) != napi_ok || type != napi_int32_array)
    return fail(env, "results must be an Int32Array");
  if (count > fds_length || count > results_length) return fail(env, "count is longer than fds or results");

  const int32_t *fds = fds_data;
  int32_t *results = results_data;
  for (uint32_t i = 0; i < count; i++) {
    ssize_t sent = send(fds[i], bytes_data, bytes_length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) results[i] = (int32_t)sent;
    else results[i] = errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
  }
  return NULL;
}

static int read_fd_and_value(napi_env env, napi_callback_info info, int32_t *fd, int32_t *value) {
  napi_value args[2];
  size_t argc = 2;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  return argc == 2 && napi_get_value_int32(env, args[0], fd) == napi_ok && napi_get_value_int32(env, args[1], value) == napi_ok;
}

static napi_value result_code(napi_env env, int result) {
  napi_value code;
  napi_create_int32(env, result == 0 ? 0 : -errno, &code);
  return code;
}

/* setSendBuffer(fd, bytes): 0 or the negated errno. Bounds how much old sound the kernel can hold for a slow listener. */
static napi_value SetSendBuffer(napi_env env, napi_callback_info info) {
  int32_t fd, bytes;
  if (!read_fd_and_value(env, info, &fd, &bytes)) return fail(env, "setSendBuffer takes fd and bytes");
  return result_code(env, setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes));
}

/* setUserTimeout(fd, ms): 0 or the negated errno. The connection ends when sent bytes stay unacknowledged this long (RFC 5482). */
static napi_value SetUserTimeout(napi_env env, napi_callback_info info) {
  int32_t fd, timeout_ms;
  if (!read_fd_and_value(env, info, &fd, &timeout_ms)) return fail(env, "setUserTimeout takes fd and ms");
  unsigned int value = (unsigned int)timeout_ms;
  return result_code(env, setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value));
}

/*
 * setTrafficClass(fd, family, value): 0 or the negated errno. family is 0 for IPv4 and 1 for IPv6; value is the whole octet, a DSCP in its
 * upper six bits (RFC 2474, 3).
 */
static napi_value SetTrafficClass(napi_env env, napi_callback_info info) {
  napi_value args[3];
  size_t argc = 3;
  int32_t fd, family, value;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  if (argc != 3 || napi_get_value_int32(env, args[0], &fd) != napi_ok || napi_get_value_int32(env, args[1], &family) != napi_ok ||
      napi_get_value_int32(env, args[2], &value) != napi_ok)
    return fail(env, "setTrafficClass takes fd, family and value");
  if (family == 0) return result_code(env, setsockopt(fd, IPPROTO_IP, IP_TOS, &value, sizeof value));
  return result_code(env, setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof value));
}

#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29
#endif

/*
 * onlyOwnGroups(fd, family): 0 or the negated errno. A socket that is bound to no address hears only groups that it has joined itself,
 * not those of every other socket of the machine (ip(7), IP_MULTICAST_ALL).
 */
static napi_value OnlyOwnGroups(napi_env env, napi_callback_info info) {
  int32_t fd, family;
  int off = 0;
  if (!read_fd_and_value(env, info, &fd, &family)) return fail(env, "onlyOwnGroups takes fd and family");
  if (family == 0) return result_code(env, setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof off));
  return result_code(env, setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off, sizeof off));
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function);
  napi_set_named_property(env, exports, name, function);
}

NAPI_MODULE_INIT() {
  export_function(env, exports, "sendMany", SendMany);
  export_function(env, exports, "setSendBuffer", SetSendBuffer);
  export_function(env, exports, "setUserTimeout", SetUserTimeout);
  export_function(env, exports, "setTrafficClass", SetTrafficClass);
  export_function(env, exports, "onlyOwnGroups", OnlyOwnGroups);
  return exports;
}
