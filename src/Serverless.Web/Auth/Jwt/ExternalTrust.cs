using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.Tokens;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Jwt;

/// <summary>The trust in another server's tokens, by its keys or certificates.</summary>
internal static class ExternalTrust
{
    private const string Section = SettingsReader.Root + ":Auth:Token:";

    /// <param name="settings">Where its keys are.</param>
    /// <param name="sources">Opens sources of keys.</param>
    /// <exception cref="SettingsException">A file that the settings name cannot be used.</exception>
    public static TokenTrust Of(TokenSettings settings, JwksSources sources)
    {
        var roots = settings.RootCertBundle is { } bundle ? ReadCertificates(bundle) : [];
        var certified = roots.Select(CertificateChain.PublicKey).OfType<SecurityKey>().ToList();
        var source = settings.JwksUrl is { } url ? sources.Url(url) : settings.Jwks is { } path ? Open(path, sources) : null;
        return new TokenTrust(settings.Issuer, settings.Service, settings.Algorithms, FindKeysAsync) { Roots = roots };

        async ValueTask<IReadOnlyList<SecurityKey>> FindKeysAsync(string? id, CancellationToken cancellationToken) =>
            source is null ? certified : [.. certified, .. await source.GetAsync(cancellationToken)];
    }

    private static JwksSource Open(string path, JwksSources sources)
    {
        CheckKeySet(path);
        return sources.File(path);
    }

    // A file is there from the start or was forgotten. A server may be late, and is asked again.
    private static void CheckKeySet(string path)
    {
        try
        {
            JwksSource.Parse(File.ReadAllText(path));
        }
        catch (InvalidDataException)
        {
            throw Refuse("Jwks", "must name a file with a JSON Web Key Set: {\"keys\":[...]} with at least one key of RSA or of an elliptic curve.");
        }
        catch (Exception e) when (FileProblem.Is(e))
        {
            throw Refuse("Jwks", $"names a file {FileProblem.Describe(e)}.");
        }
    }

    private static X509Certificate2Collection ReadCertificates(string path)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(File.ReadAllText(path));
            return certificates;
        }
        catch (CryptographicException)
        {
            throw Refuse("RootCertBundle", "must name a PEM file of certificates.");
        }
        catch (Exception e) when (FileProblem.Is(e))
        {
            throw Refuse("RootCertBundle", $"names a file {FileProblem.Describe(e)}.");
        }
    }

    private static SettingsException Refuse(string key, string problem) => new([$"{Section}{key} {problem}"]);
}
