using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Passwords;

/// <summary>Adds what every check of credentials goes through.</summary>
internal static class PasswordServices
{
    public static IServiceCollection AddPasswords(this IServiceCollection services, AuthSettings settings) => services
        .AddSingleton(sp => new PasswordGuard(settings, sp.GetRequiredService<TimeProvider>()))
        .AddSingleton(sp => new PasswordLanes(sp.GetRequiredService<TimeProvider>(), Environment.ProcessorCount))
        .AddSingleton<ProvenPasswords>()
        .AddSingleton<SignInAttempts>();
}
