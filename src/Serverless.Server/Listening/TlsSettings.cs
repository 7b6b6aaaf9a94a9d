using System.Security.Authentication;
using Serverless.Web.Settings;

namespace Serverless.Server.Listening;

/// <summary>The settings below <c>Http:Tls</c>.</summary>
/// <param name="Certificate">The PEM file of the certificate, and of the intermediate ones behind it.</param>
/// <param name="Key">The PEM file of its private key.</param>
/// <param name="ClientCAs">PEM files of the roots that clients' certificates must come from, by key; empty: clients need none.</param>
/// <param name="Protocols">The versions that are spoken.</param>
internal sealed record TlsSettings(string Certificate, string Key, IReadOnlyList<KeyValuePair<string, string>> ClientCAs, SslProtocols Protocols)
{
    /// <summary>The key of <see cref="Certificate"/>.</summary>
    public const string CertificateKey = "Http:Tls:Certificate";

    /// <summary>The key of <see cref="Key"/>.</summary>
    public const string KeyKey = "Http:Tls:Key";

    /// <summary>Reads them; null when there are none.</summary>
    public static TlsSettings? Read(SettingsReader reader)
    {
        var (certificate, key) = (reader.Text(CertificateKey), reader.Text(KeyKey));
        var protocols = ReadProtocols(reader);
        var clientCAs = reader.Sections("Http:Tls:ClientCAs").Select(k => KeyValuePair.Create(k, reader.Text(k))).Where(p => p.Value is not null).ToList();
        if (certificate is not null && key is not null) return new TlsSettings(certificate, key, clientCAs!, protocols);
        if (certificate is not null) reader.Problem(KeyKey, "must name the file of the certificate's private key.");
        else if (key is not null) reader.Problem(CertificateKey, "must name the file of the key's certificate.");
        else if (clientCAs.Count > 0) reader.Problem("Http:Tls:ClientCAs", "is set, but without Http:Tls:Certificate and Http:Tls:Key clients show no certificates.");
        return null;
    }

    private static SslProtocols ReadProtocols(SettingsReader reader)
    {
        const string MinimumVersion = "Http:Tls:MinimumVersion";
        switch (reader.Text(MinimumVersion))
        {
            case null or "1.2": break;
            case "1.3": return SslProtocols.Tls13;
            default: reader.Problem(MinimumVersion, "must be 1.2 or 1.3."); break;
        }

        return SslProtocols.Tls12 | SslProtocols.Tls13;
    }
}
