using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Serverless.Web.Settings;

namespace Serverless.Server.Listening;

/// <summary>What the files of the TLS settings hold. Two are equal when every character is.</summary>
internal sealed record TlsFiles(string Certificate, string Key, string ClientCAs)
{
    /// <exception cref="TlsFileException">A file cannot be read.</exception>
    public static TlsFiles Read(TlsSettings settings) => new(
        ReadText(TlsSettings.CertificateKey, settings.Certificate),
        ReadText(TlsSettings.KeyKey, settings.Key),
        string.Join('\n', settings.ClientCAs.Select(file => ReadRoots(file.Key, file.Value))));

    /// <summary>How connections are to be taken.</summary>
    /// <exception cref="TlsFileException">A file does not hold what it should, or certificate and key are no pair.</exception>
    public SslServerAuthenticationOptions ToOptions(TlsSettings settings)
    {
        var intermediates = ReadCertificates(TlsSettings.CertificateKey, Certificate);
        intermediates.RemoveAt(0);
        var options = new SslServerAuthenticationOptions
        {
            // Offline: nothing is fetched to complete the chain or to vouch for it.
            ServerCertificateContext = SslStreamCertificateContext.Create(Pair(), intermediates, offline: true),
            EnabledSslProtocols = settings.Protocols,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
        if (settings.ClientCAs.Count == 0) return options;
        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        options.CertificateChainPolicy.CustomTrustStore.ImportFromPem(ClientCAs);
        return options;
    }

    private X509Certificate2 Pair()
    {
        try
        {
            return X509Certificate2.CreateFromPem(Certificate, Key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new TlsFileException(TlsSettings.KeyKey, "must be a PEM file with the private key of the first certificate of Http:Tls:Certificate, without a password.");
        }
    }

    private static string ReadRoots(string key, string path)
    {
        var text = ReadText(key, path);
        // One that others have signed would be trusted by nobody.
        return ReadCertificates(key, text).Any(c => c.SubjectName.RawData.AsSpan().SequenceEqual(c.IssuerName.RawData))
            ? text
            : throw new TlsFileException(key, "names a file that holds no root: a certificate that is its own issuer.");
    }

    private static X509Certificate2Collection ReadCertificates(string key, string text)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            // Said below.
        }

        return certificates.Count > 0 ? certificates : throw new TlsFileException(key, "must be a PEM file of certificates.");
    }

    private static string ReadText(string key, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TlsFileException(key, $"names a file {FileProblem.Describe(e)}.");
        }
    }
}
