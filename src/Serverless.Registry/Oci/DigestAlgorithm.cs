namespace Serverless.Registry.Oci;

/// <summary>
/// The digest algorithms registered by the OCI image specification 1.1.1, descriptor.md#digests. The numbers are stored in rows; never reuse one.
/// </summary>
public enum DigestAlgorithm : byte
{
    /// <summary>SHA-256, 64 hexadecimal characters; every client computes it.</summary>
    Sha256 = 1,

    /// <summary>SHA-512, 128 hexadecimal characters.</summary>
    Sha512 = 2,
}
