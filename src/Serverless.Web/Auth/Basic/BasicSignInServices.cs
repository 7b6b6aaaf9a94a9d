using Serverless.Registry.Storage;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Basic;

/// <summary>Adds signing in by name and password with every request.</summary>
internal static class BasicSignInServices
{
    /// <exception cref="SettingsException">There is no such htpasswd file.</exception>
    public static IServiceCollection AddBasicSignIn(this IServiceCollection services, AuthSettings settings)
    {
        if (settings.HtpasswdPath is { } path && !File.Exists(path)) throw new SettingsException([$"{SettingsReader.Root}:Auth:Basic:HtpasswdPath names a file that is not there."]);
        return services
            .AddSingleton(settings.Basic)
            .AddSingleton(sp => settings.HtpasswdPath is { } file ? HtpasswdSource.File(file) : HtpasswdSource.Object(sp.GetRequiredService<IObjectStore>(), settings.HtpasswdObject!))
            .AddSingleton<Htpasswd>()
            .AddSingleton<IStanding, HtpasswdStanding>()
            .AddSingleton<IAuthenticator, BasicAuthenticator>();
    }
}
