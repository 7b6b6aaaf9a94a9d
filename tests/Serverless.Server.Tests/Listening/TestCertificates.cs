using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Serverless.Server.Tests.Listening;

/// <summary>A folder with a root and certificates that it has signed, as PEM files.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("registry-tls-").FullName;
    private readonly X509Certificate2 _root;

    public TestCertificates()
    {
        _root = NewRoot();
        File.WriteAllText(Roots, _root.ExportCertificatePem());
        WriteServer(NewServer());
    }

    /// <summary>The file of the root's certificate.</summary>
    public string Roots => Path.Combine(_folder, "roots.pem");

    public string Certificate => Path.Combine(_folder, "server.pem");

    public string Key => Path.Combine(_folder, "server.key");

    /// <summary>The settings of an https address with them.</summary>
    public string[] Settings => ["Http:Addresses:0=https://127.0.0.1:0", $"Http:Tls:Certificate={Certificate}", $"Http:Tls:Key={Key}"];

    /// <summary>A file in the folder.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A certificate for servers, by the root.</summary>
    public X509Certificate2 NewServer() => New("CN=registry", "1.3.6.1.5.5.7.3.1", _root);

    /// <summary>A certificate for clients, by the root or by a stranger.</summary>
    public X509Certificate2 NewClient(bool stranger = false) => New("CN=client", "1.3.6.1.5.5.7.3.2", stranger ? NewRoot() : _root);

    public void WriteServer(X509Certificate2 certificate)
    {
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(Key, PrivateKey(certificate));
    }

    /// <summary>How a client connects that trusts the root alone.</summary>
    public SslClientAuthenticationOptions Trust(X509Certificate2? certificate = null, SslProtocols protocols = SslProtocols.None)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(_root);
        return new SslClientAuthenticationOptions
        {
            TargetHost = "127.0.0.1",
            EnabledSslProtocols = protocols,
            ClientCertificates = certificate is null ? null : [certificate],
            CertificateChainPolicy = policy,
        };
    }

    /// <summary>The thumbprint of the certificate that a new connection is shown.</summary>
    public async Task<string> ThumbprintAsync(Uri address)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(Trust());
        return tls.RemoteCertificate!.GetCertHashString();
    }

    public static string PrivateKey(X509Certificate2 certificate) => certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static X509Certificate2 NewRoot()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }

    private static X509Certificate2 New(string name, string use, X509Certificate2 issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(issuer, now.AddHours(-1), now.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
