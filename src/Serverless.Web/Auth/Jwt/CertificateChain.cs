using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Serverless.Web.Auth.Jwt;

/// <summary>The certificates that a token brings along (RFC 7515, "x5c"). They count for nothing but as a chain to a root of the configuration.</summary>
internal static class CertificateChain
{
    private const int MaxCertificates = 8;

    /// <summary>The public key of the first certificate; null when the chain does not lead to a root.</summary>
    public static SecurityKey? FindKey(JsonElement x5c, X509Certificate2Collection roots, DateTimeOffset now)
    {
        if (roots.Count == 0 || x5c.ValueKind != JsonValueKind.Array || x5c.GetArrayLength() is 0 or > MaxCertificates) return null;
        var certificates = new X509Certificate2Collection();
        try
        {
            foreach (var item in x5c.EnumerateArray()) certificates.Add(X509CertificateLoader.LoadCertificate(item.GetBytesFromBase64()));
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(roots);
            chain.ChainPolicy.ExtraStore.AddRange(certificates);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            // A certificate may name places to fetch others from; they are not asked.
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.ChainPolicy.VerificationTime = now.UtcDateTime;
            return chain.Build(certificates[0]) ? PublicKey(certificates[0]) : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException or InvalidOperationException)
        {
            return null;
        }
        finally
        {
            foreach (var certificate in certificates) certificate.Dispose();
        }
    }

    /// <summary>A certificate's public key; null when it is neither of RSA nor of an elliptic curve.</summary>
    public static SecurityKey? PublicKey(X509Certificate2 certificate) =>
        certificate.GetECDsaPublicKey() is { } ecdsa ? new ECDsaSecurityKey(ecdsa)
        : certificate.GetRSAPublicKey() is { } rsa ? new RsaSecurityKey(rsa)
        : null;
}
