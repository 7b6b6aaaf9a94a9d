using System.Net.Security;

namespace Serverless.Server.Listening;

/// <summary>What new connections are taken with: the certificate, its key and the roots of clients' certificates, as they are in their files.</summary>
internal sealed class TlsSource
{
    private readonly TlsSettings _settings;
    private TlsFiles _files;
    private volatile SslServerAuthenticationOptions _current;

    private TlsSource(TlsSettings settings, TlsFiles files) => (_settings, _files, _current) = (settings, files, files.ToOptions(settings));

    /// <summary>What connections are taken with now.</summary>
    public SslServerAuthenticationOptions Current => _current;

    /// <exception cref="TlsFileException">A file cannot be used.</exception>
    public static TlsSource Open(TlsSettings settings) => new(settings, TlsFiles.Read(settings));

    /// <summary>Reads the files again. Connections that are open keep what they have.</summary>
    /// <returns>Whether something has changed.</returns>
    /// <exception cref="TlsFileException">A file cannot be used, for instance because only one of a pair has been written yet; what was there before stays.</exception>
    public bool Refresh()
    {
        var files = TlsFiles.Read(_settings);
        if (files == _files) return false;
        _current = files.ToOptions(_settings);
        _files = files;
        return true;
    }
}
