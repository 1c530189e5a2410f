/*
 * What mediasoup's worker uses of libsrtp 3, on libsrtp 2.5 as Debian has it. Version 3 writes from one buffer to another and takes its policy as an object with setters;
 * version 2 works in place and takes a struct. Sizes are checked here, because version 2 cannot check them.
 */
#pragma once

/* Version 3's policy is a pointer of the same name as version 2's struct. */
#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>

/* Codes that version 2 does not know; it never returns them. */
inline constexpr srtp_err_status_t srtp_err_status_buffer_small{ static_cast<srtp_err_status_t>(28) };
inline constexpr srtp_err_status_t srtp_err_status_cryptex_err{ static_cast<srtp_err_status_t>(29) };

struct srtp3_policy
{
	srtp2_policy_t v2{};
	uint8_t key[SRTP_MAX_KEY_LEN]{};
};
using srtp_policy_t = srtp3_policy*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy = new (std::nothrow) srtp3_policy();
	return *policy == nullptr ? srtp_err_status_alloc_fail : srtp_err_status_ok;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	if (policy == nullptr)
	{
		return;
	}
	/* The key must not stay in memory that is free; a plain memset would be optimised away. */
	volatile uint8_t* key = policy->key;
	for (size_t i{ 0 }; i < sizeof(policy->key); ++i)
	{
		key[i] = 0;
	}
	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->v2.ssrc = ssrc;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	const auto err = srtp_crypto_policy_set_from_profile_for_rtp(std::addressof(policy->v2.rtp), profile);
	return err != srtp_err_status_ok ? err : srtp_crypto_policy_set_from_profile_for_rtcp(std::addressof(policy->v2.rtcp), profile);
}

/* One key without an identifier, which is all that WebRTC has. Version 2 wants the salt right behind the key. */
inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy, const uint8_t* key, size_t keyLen, const uint8_t* salt, size_t saltLen, const uint8_t* /*mki*/, size_t mkiLen)
{
	if (mkiLen != 0 || keyLen + saltLen > sizeof(policy->key))
	{
		return srtp_err_status_bad_param;
	}
	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);
	policy->v2.key = policy->key;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->v2.allow_repeat_tx = allow ? 1 : 0;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t size)
{
	policy->v2.window_size = static_cast<unsigned long>(size);
	return srtp_err_status_ok;
}

/* Version 2 copies the keys into the session. */
inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	return ::srtp_create(session, static_cast<const srtp2_policy_t*>(std::addressof(policy->v2)));
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return ::srtp_remove_stream(session, ssrc);
}

namespace srtp3
{
	template<typename Work>
	inline srtp_err_status_t betweenBuffers(const uint8_t* in, size_t inLen, size_t growth, uint8_t* out, size_t* outLen, Work work)
	{
		if (inLen > static_cast<size_t>(std::numeric_limits<int>::max()) || inLen + growth > *outLen)
		{
			return srtp_err_status_buffer_small;
		}
		if (in != out)
		{
			std::memmove(out, in, inLen);
		}
		int len = static_cast<int>(inLen);
		const auto err = work(static_cast<void*>(out), std::addressof(len));
		if (err == srtp_err_status_ok)
		{
			*outLen = static_cast<size_t>(len);
		}
		return err;
	}
} // namespace srtp3

inline srtp_err_status_t srtp_protect(srtp_t session, const uint8_t* rtp, size_t rtpLen, uint8_t* srtp, size_t* srtpLen, size_t /*mkiIndex*/)
{
	return srtp3::betweenBuffers(rtp, rtpLen, SRTP_MAX_TRAILER_LEN, srtp, srtpLen, [session](void* data, int* len) { return ::srtp_protect(session, data, len); });
}

inline srtp_err_status_t srtp_unprotect(srtp_t session, const uint8_t* srtp, size_t srtpLen, uint8_t* rtp, size_t* rtpLen)
{
	return srtp3::betweenBuffers(srtp, srtpLen, 0, rtp, rtpLen, [session](void* data, int* len) { return ::srtp_unprotect(session, data, len); });
}

/* SRTCP adds its index of four bytes besides the trailer. */
inline srtp_err_status_t srtp_protect_rtcp(srtp_t session, const uint8_t* rtcp, size_t rtcpLen, uint8_t* srtcp, size_t* srtcpLen, size_t /*mkiIndex*/)
{
	return srtp3::betweenBuffers(rtcp, rtcpLen, SRTP_MAX_TRAILER_LEN + sizeof(uint32_t), srtcp, srtcpLen, [session](void* data, int* len) { return ::srtp_protect_rtcp(session, data, len); });
}

inline srtp_err_status_t srtp_unprotect_rtcp(srtp_t session, const uint8_t* srtcp, size_t srtcpLen, uint8_t* rtcp, size_t* rtcpLen)
{
	return srtp3::betweenBuffers(srtcp, srtcpLen, 0, rtcp, rtcpLen, [session](void* data, int* len) { return ::srtp_unprotect_rtcp(session, data, len); });
}
